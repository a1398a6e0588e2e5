"""What the training functions share."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_two_kinds_of_random_numbers_share_a_stream():
    marked = re.compile(r"^_[\w, ]+ = ([\d,\s()]+)  # streams? of random numbers", re.MULTILINE)
    texts = [path.read_text() for folder in ("core", "pages") for path in (ROOT / folder).rglob("*.py")]
    streams = [number for text in texts for value in marked.findall(text) for number in re.findall(r"\d+", value)]
    assert len(streams) > 15
    assert len(set(streams)) == len(streams)
