"""prm ask: a question from a file answered for one viewer, as a table for people, or as CSV or JSON for programs."""
from __future__ import annotations

import json
import sys
from pathlib import Path
from unicodedata import east_asian_width

import click

from prm.access.policy import Do, may
from prm.access.system import SYSTEM
from prm.catalogue.answer import Answer, Column, answer
from prm.catalogue.kinds import KINDS
from prm.catalogue.machine import machine
from prm.catalogue.question import Question
from prm.core.errors import Forbidden, Invalid
from prm.models import Person
from prm.ui import cells
from prm.ui.downloads import sheet_columns, sheet_rows
from prm.ui.sheets import write_csv

LARGEST = 2**20


@click.command("ask")
@click.argument("question", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--as", "email", metavar="EMAIL", help="Whose rows and fields; without it, an admin's.")
@click.option("--format", "shape", type=click.Choice(("table", "csv", "json")), default="table", show_default=True)
def ask(question: Path, email: str | None, shape: str) -> None:
    """Answer QUESTION, a file with JSON (- reads stdin)."""
    viewer = _viewer(email) if email is not None else SYSTEM
    found = answer(Question.parse(_read(question)), viewer)
    SHAPES[shape](found)
    if shape == "csv" and found.shown < found.count:
        click.echo(_shown(found), err=True)


def _viewer(email: str) -> Person:
    person = Person.get_or_none(Person.email == email.strip().lower().encode(errors="replace").decode())
    if person is None:
        raise Invalid(f"Nobody here has the address {email}.")
    if not person.is_active:
        raise Invalid(f"{email} is disabled and sees nothing.")
    if not may(person, Do.ASK):
        raise Forbidden()
    return person


def _read(path: Path) -> object:
    name = "stdin" if str(path) == "-" else path.name
    with click.open_file(str(path), "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Invalid(f"{name} is larger than any question.")
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        said = "it is too deep" if isinstance(error, RecursionError) else error
        raise Invalid(f"{name} is no JSON: {said}.") from None


def _no_number(text: str):
    raise ValueError(f"{text} is no number")


# ── the three shapes ──


def _json(found: Answer) -> None:
    click.echo(json.dumps(machine(found), ensure_ascii=False, indent=2))


def _csv(found: Answer) -> None:
    out = sys.stdout.buffer
    for part in write_csv(sheet_columns(found), sheet_rows(found)):
        out.write(part)
    out.flush()


def _table(found: Answer) -> None:
    """Aligned, figures to the right, the totals under a rule, and how much of it is shown."""
    head = [c.label for c in found.columns]
    body = [[_text(found, c, row.values[c.key]) for c in found.columns] for row in found.rows]
    totals = [_total(found, at, c) for at, c in enumerate(found.columns)] if found.totals else []
    lines = [head, *body] + ([totals] if totals else [])
    widths = [max(_width(line[at]) for line in lines) for at in range(len(head))]
    right = [_is_figure(c) for c in found.columns]
    rule = "  ".join("─" * width for width in widths)
    click.echo(f"{found.words}\n")
    click.echo("\n".join([_aligned(head, widths, right), rule, *(_aligned(line, widths, right) for line in body)]))
    if totals:
        click.echo(f"{rule}\n{_aligned(totals, widths, right)}")
    click.echo(f"\n{_shown(found)}")


def _text(found: Answer, column: Column, value) -> str:
    """On one line, and nothing in it that moves the cursor of a terminal."""
    text = cells.text(column, value, found.formats)
    return text if text.isprintable() else " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _total(found: Answer, at: int, column: Column) -> str:
    if column.key in found.totals:
        return _text(found, column, found.totals[column.key])
    return "Total" if at == 0 else ""


def _is_figure(column: Column) -> bool:
    return column.kind_key in KINDS and KINDS[column.kind_key].numeric


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _aligned(line: list[str], widths: list[int], right: list[bool]) -> str:
    cells = []
    for text, width, to_the_right in zip(line, widths, right, strict=True):
        pad = " " * (width - _width(text))
        cells.append(pad + text if to_the_right else text + pad)
    return "  ".join(cells).rstrip()


def _shown(found: Answer) -> str:
    totals = f"; totals are over all {found.count:,}" if found.totals else ""
    left = f" {found.left_out:,} rows without an exchange rate are left out of sums." if found.left_out else ""
    return f"Showing {found.shown:,} of {found.count:,}{totals}.{left}"


SHAPES = {"table": _table, "csv": _csv, "json": _json}
