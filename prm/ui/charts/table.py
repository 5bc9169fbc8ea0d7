"""The numbers behind a chart, folded away under it."""
from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup


def data_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, caption: str) -> Markup:
    """Written figures in a table that opens under the chart; the first column names the row."""
    headings = (Markup('<th scope="col"{}>{}</th>').format(_numeric(at), word) for at, word in enumerate(head))
    top = Markup("").join(headings)
    body = Markup("").join(Markup("<tr>{}</tr>").format(_cells(row)) for row in rows)
    return Markup(
        '<details class="chart-data"><summary>Show the numbers</summary>'
        '<div class="scroll" tabindex="0" role="group" aria-label="{0}"><table class="mini">'
        '<caption class="sr">{0}</caption><thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div></details>'
    ).format(caption, top, body)


def _cells(row: Sequence[str]) -> Markup:
    name, *figures = row
    cells = Markup("").join(Markup('<td class="num">{}</td>').format(figure) for figure in figures)
    return Markup('<th scope="row">{}</th>').format(name) + cells


def _numeric(at: int) -> Markup:
    return Markup(' class="num"') if at else Markup("")
