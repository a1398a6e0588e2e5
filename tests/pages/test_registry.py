"""A page is found by its folder, and everything that lists pages reads its descriptor."""

from textwrap import dedent

import pytest

import pages
from core.paths import ROOT
from pages.registry import readme_table, specs
from tests.pages.helpers import text

SPEC = """
from pages.registry import PageSpec

PAGE = PageSpec(
    name="counting_sheep",
    section="basics",
    position=99,
    icon="bedtime",
    title=lambda: "Counting sheep",
    activities=lambda: "count",
    learning_goals=lambda: "patience",
    sentence=lambda: "One sheep after the other.",
    errors=lambda: {"sheep_lost": "{count} sheep are lost."},
    old_addresses=("sheep",),
)
"""
PAGE = """
import streamlit as st

from core.errors import CoreError

st.title("Counting sheep")
st.caption(f"Flock: {st.query_params.get('flock')}")
raise CoreError("sheep_lost", count=3)
"""


@pytest.fixture
def new_page(tmp_path, monkeypatch) -> None:
    """A page in a folder of its own; no other file knows of it."""
    folder = tmp_path / "pages" / "counting_sheep"
    folder.mkdir(parents=True)
    (folder / "spec.py").write_text(dedent(SPEC))
    (folder / "page.py").write_text(dedent(PAGE))
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(tmp_path / "pages")])


def test_the_documentation_lists_the_pages():
    assert readme_table() in (ROOT / "docs/pages.md").read_text(encoding="utf-8")


def test_a_new_page_is_listed_after_those_of_its_section(new_page):
    names = [spec.name for spec in specs()]
    assert names.index("counting_sheep") == names.index("clinic") + 1
    assert "| **Counting sheep** | count | patience |" in readme_table()


def test_a_new_page_opens_at_its_address_and_explains_its_errors(new_page, open_page):
    app = open_page("counting_sheep")
    assert app.title[0].value == "Counting sheep"
    assert [error.value for error in app.error] == ["3 sheep are lost."]


def test_the_welcome_page_leads_to_a_new_page(new_page, open_page, monkeypatch):
    monkeypatch.setattr("pages.registry.specs", lambda: [s for s in specs() if s.name in ("welcome", "counting_sheep")])
    app = open_page("welcome")
    assert "One sheep after the other." in text(app)
    assert "1 · Counting sheep" in [link.proto.label for link in app.get("page_link")]


def test_an_old_address_leads_to_the_page_with_its_query(new_page, open_page):
    app = open_page("sheep", flock="white")
    assert app.title[0].value == "Counting sheep"
    assert "Flock: white" in text(app)


def test_the_old_address_of_own_images_leads_to_it(open_page):
    assert open_page("own_pictures").title[0].value == open_page("own_images").title[0].value


@pytest.mark.parametrize(
    ("page", "old", "view"),
    [
        ("foundations", "fitting", "bias_variance"),
        ("optimizers", "surface", "loss_surface"),
        ("optimizers", "race", "optimizer_race"),
        ("optimizers", "schedules", "lr_schedules"),
    ],
)
def test_an_old_name_of_a_view_leads_to_it(open_page, page, old, view):
    app = open_page(page, view=old)
    assert app.session_state[f"{page}.view"] == view
    assert not app.warning
