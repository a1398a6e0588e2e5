"""Run a benchmark, for example: python -m benchmarks engine. Without a name, list all benchmarks and durations."""

import argparse
import json
import os
import platform
import sys
from importlib import import_module

from core.aliases import current_name

BENCHMARKS = {
    "engine": ("the run engine, its saved states, and a page that shows a run", "about six minutes"),
    "optimizer_race": ("batched training in the optimizer race, against training one by one", "about a minute"),
    "mnist_cnn": ("the convolutional networks against published recipes", "about twenty minutes"),
    "digit_photos": ("accuracy on rendered photos of digits, by kind of photo", "about forty minutes"),
    "autoencoder": ("the autoencoders against the tutorial's recipes and classical filters", "about twenty minutes"),
    "transfer_learning": ("the gain from transfer learning, and the response time of the page", "about five minutes"),
    "own_images": ("the accuracy gain from ImageNet features, and the time saved by caching them", "about a minute"),
    "playground": (
        "the playground and the bias-variance fits against plain training loops",
        "about a minute",
    ),
    "exports": ("exported programs of all presets: do their losses equal those of the runs?", "about twenty minutes"),
    "uploads": ("reading 20,000 damaged uploads: errors, time, and memory", "about five minutes"),
    "loss_surface": ("response time of the loss-surface page to a slider", "about ten seconds"),
    "estimates": ("displayed training-time estimates, against actual runs of all presets", "about fifteen minutes"),
    "pages": ("opening and polling times of each page, then the interaction benchmark", "about seven minutes"),
    "interaction": ("frame rate during drags, and response time of sliders, in Chromium", "about two minutes"),
    "classroom": ("the app with 1, 10, and 30 learners on all pages", "about eight minutes"),
    "steps": ("response time of the Step button on a paused run while all workers are busy", "about two minutes"),
    "health": ("processor time of the measurements for the health checks", "about three minutes"),
    "clinic": ("the debugging clinic: which test excludes which wrong cause over five seeds", "about ten minutes"),
    "learning_rate_finder": ("the learning-rate finder, against sweeps of ten presets", "about twenty minutes"),
    "learning_rates": ("the pages' default learning rates, against a new sweep", "about four minutes"),
}


def main() -> int:
    """Run a benchmark, print its figures, and return the exit status.

    The status is 1 if ``--check`` is passed and a goal is missed, otherwise 0.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", type=current_name, choices=BENCHMARKS)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a goal is missed")
    parser.add_argument("--json", action="store_true", help="print one figure per line")
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
