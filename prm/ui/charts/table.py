"""The numbers behind a chart, folded away under it."""
from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape


def data_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str) -> Markup:
    """Written figures in a table that opens under the chart; the first column names the row."""
    name, *figures = map(escape, head)
    top = f'<th scope="col">{name}</th>' + "".join(f'<th scope="col" class="num">{word}</th>' for word in figures)
    return Markup(  # noqa: S704  every word is escaped
        '<details class="chart-data"><summary>Show the numbers</summary>'
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption)}"><table class="mini">'
        f'<caption class="sr">{escape(caption)}</caption><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(map(_row, rows))}</tbody></table></div></details>"
    )


def _row(row: Sequence[str]) -> str:
    name, *figures = map(escape, row)
    return f'<tr><th scope="row">{name}</th>' + "".join(f'<td class="num">{figure}</td>' for figure in figures) + "</tr>"
