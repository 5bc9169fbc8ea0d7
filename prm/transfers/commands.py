"""prm import: a spreadsheet into partners, contacts, deals or an object of one's own, without a browser."""

from __future__ import annotations

import json
from pathlib import Path

import click

from prm.access.system import SYSTEM
from prm.core.errors import Invalid
from prm.transfers import running
from prm.transfers.committing import Commit

SHOWN = 50
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
ADDED = {"manager": "Added as managers without a login", "tier": "New tiers", "roles": "New business roles"}


@click.command("import")
@click.argument("object")
@click.argument("file", type=EXISTING)
@click.option("--map", "map_file", type=EXISTING, metavar="MAP.json", help='{"column": "field"}; null leaves it out.')
@click.option("--set", "fixed", multiple=True, metavar="FIELD=VALUE", help="The same value for every row: stage=won")
@click.option("--create-fields", is_flag=True, help="Make custom fields of the columns that are left.")
@click.option("--numbers", default="", type=click.Choice(("", "1,234.50", "1.234,50", "1 234,50", "1'234.50")),
              help="The format, where the file leaves it open.")  # fmt: skip
@click.option("--days", default="", type=click.Choice(("", "ymd", "dmy", "mdy")), help="The order, where it is open.")
@click.option("--dry-run", is_flag=True, help="Check only; store nothing.")
def import_command(object, file, map_file, fixed, create_fields, numbers, days, dry_run):
    """Import FILE (CSV or XLSX) as partner, contact, deal or the key of an object of your own, all or nothing. Rows with a known number (contacts: or
    e-mail) are updated, never doubled.

    Columns are matched to fields by their names. MAP decides for the columns it names: a field's key, or null to leave
    the column out; a field of --set is filled by no column. An amount in MAP is in the base currency, unless MAP names a
    column for the currency too. With --create-fields each column that is left becomes a
    custom field of the kind found in it, and MAP may name keys that no field has yet:

      prm import deal orders.csv --set stage=won --create-fields --map map.json

    with {"Currency": "order_currency"} keeps the column as a text of its own.
    """
    done = running.import_file(
        SYSTEM, object, file, mapping=_mapping(map_file), fixed=_fixed(fixed), create=create_fields,
        numbers=numbers, days=days, dry=dry_run,
    )  # fmt: skip
    _say(done)


def _mapping(path: Path | None) -> dict[str, str | None]:
    if path is None:
        return {}
    try:
        mapping = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{path.name} is no JSON: {error}.") from None
    if not isinstance(mapping, dict) or not all(isinstance(v, str | None) for v in mapping.values()):
        raise Invalid(f'{path.name} must look like {{"column": "field"}}.')
    return mapping


def _fixed(pairs: tuple[str, ...]) -> dict[str, str]:
    wrong = [pair for pair in pairs if not pair.partition("=")[0].strip() or "=" not in pair]
    if wrong:
        raise Invalid(f"“{wrong[0]}” must look like FIELD=VALUE.")
    return {key.strip(): value for key, value in (pair.split("=", 1) for pair in pairs)}


def _say(done) -> None:
    """One line of counts for people and scripts, then each refused row."""
    stored = isinstance(done, Commit)
    counts = ", ".join(f"{outcome} {count}" for outcome, count in done.counts.items())
    click.echo(counts if stored else f"Checked, nothing stored: {counts}")
    for line, reason in done.refusals[:SHOWN]:
        click.echo(f"line {line}: {reason}")
    if len(done.refusals) > SHOWN:
        click.echo(f"… and {len(done.refusals) - SHOWN} more lines")
    for key, names in (done.added if stored else done.names).facts().items():
        click.echo(f"{ADDED[key]}: {', '.join(names)}")
    if done.refusals and len(done.refusals) == sum(done.counts.values()):
        raise Invalid("Every row was refused." if stored else "Every row would be refused.")
