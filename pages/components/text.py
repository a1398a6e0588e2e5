"""Text in the user's language: messages, lessons, numbers, and durations."""

import gettext
import math
from collections.abc import Sequence
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parents[1]


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("playground", PAGES / "locale", languages=[language], fallback=True)


def _(message: str) -> str:
    """Return a message in the user's language, or unchanged if there is no translation."""
    return _catalogue(_language()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the singular or the plural form of a message for ``count`` objects, in the user's language.

    ``singular`` and ``plural`` are the English forms. They are used if there is no translation.
    """
    return _catalogue(_language()).ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return a message in the user's language, or unchanged if there is no translation.

    ``context`` distinguishes different meanings of the same word.
    """
    return _catalogue(_language()).pgettext(context, message)


def lesson(folder: str) -> None:
    """Show the lesson in ``folder``, a path relative to pages/.

    The lesson is in the user's language or, if there is no translation, in English.
    """
    markdown(folder, "lesson")


def markdown(folder: str, name: str) -> None:
    """Show the file ``<name>.<language>.md`` in ``folder``, a path relative to pages/.

    The file in the user's language is shown or, if there is no such file, the English file. If both files are missing,
    nothing is shown.
    """
    for language in (_language(), "en"):
        path = PAGES / folder / f"{name}.{language}.md"
        with suppress(FileNotFoundError):
            st.markdown(_read(path, path.stat().st_mtime_ns))
            return


@lru_cache(maxsize=100)
def _read(path: Path, _changed_at: int) -> str:
    return path.read_text(encoding="utf-8")


def number(value: float | None) -> str:
    """Return a number as text, for example "0.123", "12,346", or "1.2e-4".

    Numbers with an absolute value from 0.001 to 1,000 are rounded to three significant digits. Numbers with an absolute
    value from 1,000 to 100,000 are rounded to integers. All other numbers, except 0, are rounded to two
    significant digits. For None, infinity, and NaN, the text is "not finite" in the user's language.
    """
    if value is None or not math.isfinite(value):
        return _("not finite")
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def fixed(value: float, decimals: int) -> str:
    """Return a number as text with ``decimals`` decimal places and with thousands separators.

    A number that rounds to zero has no minus sign.
    """
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def equation(terms: Sequence[float], total: float, decimals: int) -> str:
    """Return the equation "sum of ``terms`` = ``total``" as text, such as "2.710 + (−0.051) = 2.659".

    All numbers are rounded to ``decimals`` decimal places. "≈" replaces "=" if the rounded numbers do not add up.
    """
    first, *others = (fixed(term, decimals) for term in terms)
    sides = [first, *(f"+ ({term})" if term.startswith("−") else f"+ {term}" for term in others)]
    adds_up = round(sum(round(term, decimals) for term in terms) - round(total, decimals), decimals) == 0
    return f"{' '.join(sides)} {'=' if adds_up else '≈'} {fixed(total, decimals)}"


def duration(seconds: float) -> str:
    """Return a duration as text, for example "under a second", "12 s", or "3 min".

    Durations of at least 100 seconds are rounded to minutes.
    """
    if seconds < 1:
        return _("under a second")
    if seconds < 100:
        return _("{seconds:.0f} s").format(seconds=seconds)
    return _("{minutes:.0f} min").format(minutes=seconds / 60)


def _language() -> str:
    return (st.context.locale or "en").split("-")[0]
