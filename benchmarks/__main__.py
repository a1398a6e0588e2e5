"""``python -m benchmarks engine [--check] [--json]``; without a name, lists the benchmarks and what they take."""

import argparse
import json
import os
import platform
import sys
from importlib import import_module

from core.aliases import current_name

BENCHMARKS = {
    "engine": ("the run engine, its saved states, and the page that watches it", "about six minutes"),
    "optimizer_race": ("the stacked training of the race against one network after another", "about a minute"),
    "mnist_cnn": ("the convolutional networks against the recipes of others", "about twenty minutes"),
    "autoencoder": ("the autoencoders against the tutorial's recipes and classical filters", "about twenty minutes"),
    "transfer_learning": ("what transfer learning gains, and how soon a click is answered", "about five minutes"),
    "own_images": ("what features of ImageNet are worth for own pictures, and to keep them", "about a minute"),
    "playground": (
        "the playground and the fits against plain training loops, and how soon they are done",
        "about a minute",
    ),
    "loss_surface": ("how soon the surfaces answer a slider", "about ten seconds"),
    "estimates": ("the time to train that pages show, against the runs of all presets", "about fifteen minutes"),
    "pages": ("how soon each page opens and has news; then the same as interaction", "about seven minutes"),
    "interaction": ("frames while something is dragged, and pictures after a slider, in Chromium", "about two minutes"),
    "classroom": ("the app with 1, 10 and 30 learners on all its pages", "about eight minutes"),
    "steps": ("how soon Step on a paused run has its event while all workers train", "about two minutes"),
    "learning_rates": ("the learning rates with which the pages begin, against a new sweep", "about four minutes"),
}


def main() -> int:
    """Run a benchmark and print its figures. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", type=current_name, choices=BENCHMARKS)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a goal is missed")
    parser.add_argument("--json", action="store_true", help="print one figure a line")
    options = parser.parse_args()
    if options.name is None:
        for name, (subject, time) in BENCHMARKS.items():
            print(f"{name:17} {subject}; takes {time}")
        return 0
    missed = 0
    if not options.json:
        load = ", ".join(f"{part:.2f}" for part in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
        print(f"{os.cpu_count()} cores, {platform.machine()}, load before: {load}", flush=True)
    for figure in import_module(f"benchmarks.{options.name}").measure():
        print(json.dumps(figure.as_dict()) if options.json else figure, flush=True)
        missed += not figure.reached
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
