"""Small tables of shapes and numbers. On a narrow screen they scroll sideways, and their cells do not wrap."""

from collections.abc import Sequence
from html import escape

import streamlit as st

_CELL = "padding:4px 14px 4px 0;border-bottom:1px solid #8884;white-space:nowrap;text-align:"


def show(header: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Sequence[int] = ()) -> None:
    """Show a table. The columns with the indices ``numeric`` are aligned to the right."""

    def cells(tag: str, texts: Sequence[str]) -> str:
        sides = ["right" if column in numeric else "left" for column in range(len(texts))]
        return "".join(
            f'<{tag} style="{_CELL}{side}">{escape(text)}</{tag}>' for side, text in zip(sides, texts, strict=True)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    st.html(
        '<div style="overflow-x:auto" tabindex="0"><table style="border-collapse:collapse;font-size:0.875rem;'
        f'font-variant-numeric:tabular-nums"><thead><tr>{cells("th", header)}</tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )
