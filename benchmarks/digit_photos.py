"""Accuracy on rendered photos of digits, for each kind of photo, with the app's reader and its compact network."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from benchmarks.photo_renderer import KINDS, Kind, render, smooth
from benchmarks.report import Figure
from core.data import datasets
from core.data.digit_photos import Steps, read_photo
from core.engine.store import RunStore
from core.errors import CoreError
from core.evaluation.inspection import logits
from core.paths import CHECKPOINTS
from core.topics.mnist_cnn.config import CNNConfig
from core.topics.mnist_cnn.model import load
from core.topics.mnist_cnn.transforms import apply, pipeline

PHOTOS = 100  # of each kind

FONT_ROOT = Path("/usr/share/fonts")
FONTS = {
    "fonts-breip": ("SIL OFL 1.0", "truetype/breip/Breip.ttf"),
    "fonts-bwht": ("SIL OFL 1.1", "opentype/bwht/BecauseWe*-Regular.otf"),
    "fonts-dancingscript": ("SIL OFL 1.1", "opentype/dancingscript/DancingScript-*.otf"),
    "fonts-dkg-handwriting": ("GPL 3 or SIL OFL 1.1", "truetype/fifthhorseman/dkg*.ttf"),
    "fonts-femkeklaver": ("CC BY-SA 3.0", "truetype/femkeklaver/femkeklaver.ttf"),
    "fonts-kristi": ("SIL OFL 1.1", "truetype/kristi/Kristi.ttf"),
}
"""Debian packages of handwriting fonts -> (license, files below `FONT_ROOT`). The app does not ship them."""

Glyphs = Callable[[np.random.Generator], tuple[int, np.ndarray]]
"""Draws a random digit: its label, and its ink (height, width) in 0..1, cropped."""


def measure() -> Iterator[Figure]:
    """Yield the accuracies, and the time per photo."""
    torch.set_num_threads(1)  # as in the server
    yield from _accuracies("MNIST ink", mnist_glyph, each=0.95, overall=0.98)
    as_they_are = [fraction_correct("fine pen", mnist_glyph, seed, Steps(thicken=False)) for seed in range(PHOTOS)]
    yield Figure("MNIST ink: fine pen, strokes not thickened", [float(np.mean(as_they_are))])
    files = font_files()
    for package, (license_name, _pattern) in FONTS.items():
        state = "installed" if package in files else "not installed"
        print(f"font package {package} ({license_name}): {state}", file=sys.stderr)
    if files:
        yield from _accuracies("fonts", lambda rng: font_glyph(files, rng), each=0.9, overall=0.95)
    if missing := FONTS.keys() - files.keys():
        print(f"Not measured: the accuracy with the fonts of {', '.join(sorted(missing))}.", file=sys.stderr)


def _accuracies(name: str, glyphs: Glyphs, *, each: float, overall: float) -> Iterator[Figure]:
    """Yield the accuracy for each kind of photo and for all, and the time per photo.

    The accuracy is the fraction of the digits that are read correctly (see `fraction_correct`). For kinds with several
    digits, also yield the fraction of the photos on which all digits, and nothing else, are read correctly.
    """
    fractions, seconds = [], []
    for kind in KINDS:
        began = time.process_time()
        results = [fraction_correct(kind, glyphs, seed) for seed in range(PHOTOS)]
        seconds.append((time.process_time() - began) / PHOTOS)
        fractions += results
        yield Figure(f"{name}: {kind}", [float(np.mean(results))], at_least=each)
        if KINDS[kind].count > 1:
            yield Figure(f"{name}: {kind}, all digits correct", [float(np.mean([result == 1 for result in results]))])
    yield Figure(f"{name}: all kinds", [float(np.mean(fractions))], at_least=overall)
    yield Figure(f"{name}: processor time per photo, with rendering it", seconds, "s")


def fraction_correct(name: str, glyphs: Glyphs, seed: int, steps: Steps | None = None) -> float:
    """Render a photo of a kind, and return the fraction of its digits that are read correctly and in order.

    ``steps`` are the steps of reading it, by default all. A digit that is found where there is none counts as one more
    wrong digit.
    """
    photo, labels = scene(KINDS[name], glyphs, np.random.default_rng([seed, *name.encode()]))
    found = read(photo, steps)
    matches = SequenceMatcher(None, found, labels, autojunk=False).get_matching_blocks()
    return sum(match.size for match in matches) / max(len(found), len(labels))


def scene(kind: Kind, glyphs: Glyphs, rng: np.random.Generator) -> tuple[Image.Image, list[int]]:
    """Return a photo of random digits, and their labels."""
    labels, digits = zip(*(glyphs(rng) for _ in range(kind.count)), strict=True)
    return render(kind, digits, rng), list(labels)


def read(photo: Image.Image, steps: Steps | None = None) -> list[int]:
    """Return the classes of the digits that are found on a photo. The list is empty if there are none."""
    try:
        digits = [found.digit for found in read_photo(photo, steps).digits]
    except CoreError:
        return []
    config, network = _recorded()
    x = apply(pipeline(config, training=False), torch.from_numpy(np.stack(digits)).unsqueeze(1))
    return logits(network, x).argmax(dim=1).tolist()


@cache
def _recorded() -> tuple[CNNConfig, nn.Sequential]:
    run = RunStore(CHECKPOINTS).load("mnist_cnn-digits")
    return run.config, load(run.config, safetensors.torch.load(run.weights))


def mnist_glyph(rng: np.random.Generator) -> tuple[int, np.ndarray]:
    """Draw a digit of MNIST's test set."""
    data = datasets.load("mnist", "test")
    index = int(rng.integers(len(data.labels)))
    return int(data.labels[index]), smooth(data.images[index].numpy())


def font_files() -> dict[str, list[Path]]:
    """Return the files of the installed packages in `FONTS`."""
    files = {package: sorted(FONT_ROOT.glob(pattern)) for package, (_license, pattern) in FONTS.items()}
    return {package: paths for package, paths in files.items() if paths}


def font_glyph(files: dict[str, list[Path]], rng: np.random.Generator) -> tuple[int, np.ndarray]:
    """Draw a digit of a random font: first the package is drawn, then one of its files."""
    paths: Sequence[Path] = files[sorted(files)[rng.integers(len(files))]]
    label = int(rng.integers(10))
    sheet = Image.new("L", (900, 900))
    font = ImageFont.truetype(paths[rng.integers(len(paths))], 400)
    ImageDraw.Draw(sheet).text((200, 150), str(label), fill=255, font=font)
    return label, np.asarray(sheet.crop(sheet.getbbox()), np.float32) / 255
