"""prm import: a spreadsheet into partners, contacts or deals, without a browser."""

from __future__ import annotations

import json
from pathlib import Path

import click

from prm.access.system import SYSTEM
from prm.core.errors import Invalid
from prm.transfers import services
from prm.transfers.committing import Commit

SHOWN = 50


@click.command("import")
@click.argument("object", type=click.Choice(tuple(services.OBJECTS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "map_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help='JSON: {"column": "field"}'
)
@click.option("--set", "fixed", multiple=True, metavar="FIELD=VALUE", help="The same value for every row: stage=won")
@click.option("--create-fields", is_flag=True, help="Make custom fields of columns that match none.")
@click.option("--numbers", default="", metavar="FORMAT", help="Where the file leaves it open: 1,234.50 or 1.234,50")
@click.option("--days", default="", type=click.Choice(("", "ymd", "dmy", "mdy")), help="Where the file leaves it open.")
@click.option("--dry-run", is_flag=True, help="Check only; store nothing.")
def import_command(object, file, map_file, fixed, create_fields, numbers, days, dry_run):
    """Import FILE (CSV or XLSX) as partner, contact or deal. Rows with a known key are updated, never doubled."""
    done = services.import_file(
        SYSTEM, object, file, mapping=_mapping(map_file), fixed=_fixed(fixed), create=create_fields,
        numbers=numbers, days=days, dry=dry_run,
    )  # fmt: skip
    _say(done) if isinstance(done, Commit) else _say_dry(done)


def _mapping(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    try:
        mapping = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise Invalid(f"{path.name} is no JSON: {error}.") from None
    if not isinstance(mapping, dict) or not all(isinstance(v, str | None) for v in mapping.values()):
        raise Invalid(f'{path.name} must look like {{"column": "field"}}.')
    return mapping


def _fixed(pairs: tuple[str, ...]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise Invalid(f"“{wrong[0]}” must look like FIELD=VALUE.")
    return dict(pair.split("=", 1) for pair in pairs)


def _say(done: Commit) -> None:
    click.echo(f"made {done.made}, changed {done.changed}, unchanged {done.unchanged}, refused {done.refused}")
    _refusals(done.refusals)
    if done.people:
        click.echo(f"Added as managers without a login: {', '.join(done.people)}")
    if done.refused and not (done.made or done.changed or done.unchanged):
        raise Invalid("Every row was refused.")


def _say_dry(counts: dict) -> None:
    click.echo(f"Checked, nothing stored: {counts['new']} new, {counts['known']} known, {counts['refused']} refused")
    _refusals(counts["worst"])


def _refusals(refusals) -> None:
    for line, reason in refusals[:SHOWN]:
        click.echo(f"line {line}: {reason}")
    if len(refusals) > SHOWN:
        click.echo(f"… and {len(refusals) - SHOWN} more lines")
