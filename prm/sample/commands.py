"""prm sample: load the sample data from the command line."""

from __future__ import annotations

import click

from prm.sample.loading import load


@click.command("sample")
def sample_command():
    """Load the sample data: 701 resellers, their contacts and orders, KPIs and scores."""
    found = load(lambda at, of, what: click.echo(f"{at}/{of} {what}"))
    click.echo(f"Loaded: {found['partners']} partners, {found['deals']} deals, {found['kpis']} KPIs.")
