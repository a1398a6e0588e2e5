"""The README and the files in docs/: commands, code, links, pictures, and the table of pages."""

import re
import subprocess
from pathlib import Path

import pytest

from core import topics
from pages.registry import specs

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = {file.name: file.read_text(encoding="utf-8") for file in sorted((ROOT / "docs").glob("*.md"))}


def test_continuous_integration_runs_the_readmes_test_command():
    assert "make run\n" in README
    assert "make test\n" in README
    commands = [
        line for line in (ROOT / ".ci/run").read_text().splitlines() if line.strip() and not line.startswith("#")
    ]
    assert commands == ["set -e", 'cd "$(dirname "$0")/.."', "exec make test"]


@pytest.mark.parametrize("target", ["run", "check", "test", "coverage", "checkpoints", "screenshots", "messages"])
def test_make_knows_its_targets(target):
    plan = subprocess.run(["make", "-n", target], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    expected = {
        "run": "streamlit run streamlit_app.py",
        "check": "pytest -n logical --maxprocesses 4 --dist worksteal -q tests/core",
        "test": "python -m pytest",
        "coverage": "--cov",
        "checkpoints": "python -m core checkpoints",
        "screenshots": "python -m tests.browser.screenshots",
        "messages": "python -m pages.locale.messages",
    }
    assert expected[target] in plan


def test_links_and_pictures_are_there():
    for folder, text in [(ROOT, README), *((ROOT / "docs", text) for text in DOCS.values())]:
        links = re.findall(r"\]\(([^)#]+)\)|src(?:set)?=\"([^\"]+)\"", text)
        files = [link for pair in links for link in pair if link and not link.startswith("http")]
        assert [file for file in files if not (folder / file).exists()] == []


def test_the_readme_links_to_all_documents():
    assert all(f"](docs/{name})" in README for name in DOCS)


def test_the_readme_lists_the_pages_with_their_sentences():
    rows = [f"| **{spec.title()}** | {spec.sentence()} |" for spec in specs() if spec.sentence]
    assert "\n".join(rows) in README


def test_the_readme_is_short():
    """Two minutes at 250 words a minute, and one picture."""
    assert len(re.findall(r"[A-Za-z]+", re.sub(r"<.*?>", "", README, flags=re.DOTALL))) < 500
    assert README.count("<picture>") == 1


def test_pictures_are_small_and_all_of_them_are_linked():
    linked = set(re.findall(r"screenshots/([\w.]+)", README + DOCS["pages.md"]))
    pictures = sorted((ROOT / "docs/screenshots").iterdir())
    assert {picture.name for picture in pictures} == linked
    assert [picture.name for picture in pictures if picture.stat().st_size > 150_000] == []


def test_every_installation_is_constrained():
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"pip install.*", makefile) == [
        "pip install --disable-pip-version-check --quiet -c constraints.txt"
    ]
    installations = re.findall(r"pip install -r .*", DOCS["installation.md"])
    assert [line.removesuffix(" -c constraints.txt") for line in installations] == [
        "pip install -r requirements.txt",
        "pip install -r requirements-dev.txt",
    ]
    assert all(line.endswith(" -c constraints.txt") for line in installations)


def test_the_code_of_the_documentation_runs():
    (code,) = re.findall(r"```python\n(.*?)```", DOCS["command_line.md"], re.DOTALL)
    imports, loop = code.split("\n\n")
    names: dict = {}
    exec(imports, names)
    names["PRESETS"] = {"digits": names["PRESETS"]["tutorial"].changed(epochs=1)}
    shown: list = []
    exec(loop, names | {"print": lambda *values: shown.append(values)})
    assert [step for step, _ in shown] == [0, 1]


def test_the_commands_of_the_documentation_are_known():
    commands = re.findall(
        r"^\.venv/bin/python -m (core|benchmarks) (\S+)(.*?)(?:#|$)", DOCS["command_line.md"], re.MULTILINE
    )
    assert len(commands) > 10
    for program, name, options in commands:
        if program == "benchmarks":
            assert (ROOT / f"benchmarks/{name}.py").exists()
            continue
        if name == "train-again" or (name == "export" and options.startswith(" run ")):
            continue
        if name == "export":
            name, _, options = options.strip().partition(" ")
            options = re.sub(r"--(script|notebook|onnx|tensorboard|network) \S+( \w+=\S+)*", "", options)
        if name == "check":
            name, _, options = options.strip().partition(" ")
        topic = topics.topic(name)
        assert topic.name == name
        words = options.split()
        values = {
            word[2:].replace("-", "_"): value
            for word, value in zip(words, [*words, ""][1:], strict=True)
            if word[:2] == "--"
        }
        preset = topic.presets[values.pop("preset", next(iter(topic.presets)))]
        preset.changed(**{key: value for key, value in values.items() if key != "json"})


def test_requirements_are_pinned():
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        lines = (ROOT / name).read_text().splitlines()
        packages = [line for line in lines if line and not line.startswith(("#", "-r"))]
        assert packages
        assert all(
            re.fullmatch(r"[a-z0-9-]+==[\d.]+(\.post\d+)?(; sys_platform != \"win32\")?", line) for line in packages
        )
