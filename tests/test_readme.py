"""What the README promises: its two commands are the ones that continuous integration runs, its pictures are there."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_continuous_integration_runs_the_readmes_test_command():
    assert "make run\n" in README
    assert "make test\n" in README
    commands = [
        line for line in (ROOT / ".ci/run").read_text().splitlines() if line.strip() and not line.startswith("#")
    ]
    assert commands == ["set -e", 'cd "$(dirname "$0")/.."', "exec make test"]


@pytest.mark.parametrize("target", ["run", "test", "checkpoints", "screenshots"])
def test_make_knows_its_targets(target):
    plan = subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    expected = {
        "run": "streamlit run streamlit_app.py",
        "test": "python -m pytest",
        "checkpoints": "python -m core checkpoints",
        "screenshots": "python -m tests.browser.screenshots",
    }
    assert expected[target] in plan


def test_links_and_pictures_are_there():
    links = re.findall(r"\]\(([^)#]+)\)|src(?:set)?=\"([^\"]+)\"", README)
    files = [link for pair in links for link in pair if link and not link.startswith("http")]
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_pictures_are_small_and_all_of_them_are_linked():
    linked = set(re.findall(r"docs/screenshots/[\w.]+", README))
    pictures = sorted((ROOT / "docs/screenshots").iterdir())
    assert {picture.relative_to(ROOT).as_posix() for picture in pictures} == linked
    assert [picture.name for picture in pictures if picture.stat().st_size > 150_000] == []


def test_requirements_are_pinned():
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        packages = [line for line in lines if line and not line.startswith(("#", "-r"))]
        assert packages
        assert all(re.fullmatch(r"[a-z0-9-]+==[\d.]+", line) for line in packages)
