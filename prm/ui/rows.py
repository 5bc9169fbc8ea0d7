"""The rows of a list as HTML, in Python: a page of a hundred rows has a thousand cells, and most of them are text alone."""

from __future__ import annotations

from html import escape

from flask import Flask
from markupsafe import Markup

from prm.ui.cells import LONGEST, Cell


def init_app(app: Flask) -> None:
    app.jinja_env.globals["table_rows"] = lambda table: rows(table, app.jinja_env.globals["ui"])


def rows(table, ui) -> Markup:
    """`table` is a prm.ui.lists.List, or what looks like one; `ui` has the components."""
    avatar = getattr(table, "avatar", "")
    return Markup("\n".join(_row(cells, avatar, ui) for _, cells in table.records))  # noqa: S704  every value is escaped below


def _row(cells: list[Cell], avatar: str, ui) -> str:
    first, *others = cells
    return f"<tr>{_head(first, avatar, ui)}{''.join([_cell(cell, ui) for cell in others])}</tr>"


def _head(cell: Cell, avatar: str, ui) -> str:
    """The name of the row; it leads to its page, and what stands under it on a phone follows."""
    tip = f' title="{escape(cell.text)}"' if len(cell.text) > LONGEST else ""
    body = _link(cell, tip) if cell.href else f"{ui.cell_body(cell)}"
    if cell.sub:
        body += f'<span class="sub under">{escape(cell.sub)}</span>'
    if avatar:
        body = f'<div class="who">{ui.avatar(cell.text, avatar)}<div>{body}</div></div>'
    return f'<th scope="row">{body}</th>'


def _cell(cell: Cell, ui) -> str:
    css = f' class="{cell.css}"' if cell.css else ""
    if cell.bare:
        return f"<td{css}>{escape(cell.text)}</td>"
    if cell.kind == "badge":
        return f"<td{css}>{ui.status(cell.text)}</td>"
    if cell.kind == "tier":
        return f"<td{css}>{ui.tier(cell.text)}</td>"
    return f"<td{css}>{_link(cell) if cell.href else ui.cell_body(cell)}</td>"


def _link(cell: Cell, tip: str = "") -> str:
    return f'<a class="trunc" href="{escape(cell.href)}"{tip}>{escape(cell.text)}</a>'
