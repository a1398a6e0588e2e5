"""Rendered photos of all kinds, and sample files, are read by the compact network that comes with the app."""

import pytest

from benchmarks.digit_photos import fraction_correct, mnist_glyph, read
from benchmarks.photo_renderer import KINDS
from core.data.image_uploads import decode
from core.paths import ROOT

PHOTOS = ROOT / "tests/data/digit_photos"
SAMPLES = {
    "digit_black-ink-on-ruled-paper-height-0.08.jpg": [3],
    "digit_black-ink-on-ruled-paper-height-0.12.jpg": [7],
    "digit_black-tile-on-white-page.jpg": [5],
    "digit_edge-all-black-0.08.jpg": [6],
    "digit_edge-all-wood-0.08.jpg": [4],
    "digit_edge-one-wood-0.1.jpg": [5],
    "digit_edge-two-wood-0.12.jpg": [5],
    "mnist_blue-box_1_1as2.jpg": [1],
    "mnist_blue-small-graph_0_2.jpg": [2],
    "mnist_blue-table_0_0as1.jpg": [0],
}
KNOWN = {"desk on two sides": 3}  # two of these five digits are a 3 that looks like an 8 and a 3 that looks like a 5


def test_every_sample_has_a_label():
    assert {file.name for file in PHOTOS.iterdir()} == SAMPLES.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_read(name):
    assert read(decode((PHOTOS / name).read_bytes()).image) == SAMPLES[name]


@pytest.mark.parametrize("kind", KINDS)
def test_photos_of_each_kind_are_read(kind):
    """Four of five, or `KNOWN`: the network misclassifies some digits of MNIST that are found correctly."""
    correct = [fraction_correct(kind, mnist_glyph, seed) == 1 for seed in range(5)]
    assert sum(correct) >= KNOWN.get(kind, 4)
