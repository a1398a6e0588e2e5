"""What the training functions share."""

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_two_kinds_of_random_numbers_of_a_topic_share_a_stream():
    """Nor with what all topics share. The runs of two topics have nothing to do with each other."""
    marked = re.compile(r"^[\w, ]+ = ([\d,\s()]+)  # streams? of random numbers", re.MULTILINE)

    def streams(paths: Iterable[Path]) -> list[str]:
        return [
            number
            for path in paths
            for value in marked.findall(path.read_text())
            for number in re.findall(r"\d+", value)
        ]

    shared = streams([*(ROOT / "core").glob("*.py"), *(ROOT / "pages").rglob("*.py")])
    topics = [shared + streams(folder.rglob("*.py")) for folder in (ROOT / "core").glob("*/")]
    assert len(shared) >= 3
    assert sum(len(of) > len(shared) for of in topics) >= 8
    assert all(len(set(of)) == len(of) for of in topics)
