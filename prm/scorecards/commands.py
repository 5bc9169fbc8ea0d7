"""prm scorecard: the PDF of one partner and period, without a browser."""

from __future__ import annotations

from pathlib import Path

import click

from prm.access import rows
from prm.access.system import SYSTEM
from prm.core.errors import Invalid
from prm.models import Partner, Scorecard
from prm.scorecards import services
from prm.ui.paper import SIZES


@click.command("scorecard")
@click.argument("partner")
@click.option("--period", required=True, metavar="P", help="2026-07, 2026-Q3 or 2026")
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.pdf")
@click.option("--paper", type=click.Choice(tuple(SIZES)), default="a4", show_default=True)
def scorecard_command(partner, period, output, paper):
    """Write the scorecard of PARTNER (its number, or its exact name) as a PDF."""
    whose, when = _partner(partner), services.period_named(period)
    mine = (Scorecard.partner == whose.id) & (Scorecard.period == when.key)
    found = rows.visible(Scorecard, SYSTEM).where(mine).get_or_none()
    if found is None:
        raise Invalid(
            f"{whose.name} has no scorecard for {when.label}. `prm compute` makes them where there are figures."
        )
    output.write_bytes(services.document(SYSTEM, found, paper).content)
    click.echo(f"{output}: {whose.name}, {when.label}, {found.state}")


def _partner(text: str) -> Partner:
    """By number, else by a name that one partner alone has."""
    every = rows.visible(Partner, SYSTEM)
    found = list(every.where(Partner.number == text)) or list(
        every.where(Partner.name == text).order_by(Partner.number)
    )
    if not found:
        raise Invalid(f"There is no partner with the number or the name “{text}”.")
    if len(found) > 1:
        numbers = ", ".join(p.number for p in found)
        raise Invalid(f"{len(found)} partners are called “{text}”: use one of the numbers {numbers}.")
    return found[0]
