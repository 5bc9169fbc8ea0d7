"""The command `prm`, for people and scripts: leaves with 0, or with another code and one clear line on stderr.

A command of a feature is an ordinary click command in its `commands.py`. It runs inside the portal: settings read,
database migrated and connected, organisation in memory; what it refuses becomes the line on stderr (plainly.py).
"""
from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache, wraps
from importlib import import_module
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo

from prm import create_app
from prm.plainly import WrongUse, plain

# name -> module:command
COMMANDS: dict[str, str] = {
    "compute": "prm.kpis.commands:compute_command",
    "sample": "prm.sample.commands:sample_command",
    "admin": "prm.setup.commands:admin",
    "ask": "prm.asking:ask",
    "scorecard": "prm.scorecards.commands:scorecard_command",
    "import": "prm.transfers.commands:import_command",
    "survey": "prm.surveys.commands:survey_command",
}

# Those that look after the portal from outside: they neither migrate it nor need it whole.
OUTSIDE: dict[str, str] = {
    "backup": "prm.backup:backup",
    "doctor": "prm.doctor:doctor",
    "restore": "prm.restoring:restore",
}


class Commands(click.Group):
    """The commands below, and those of the features, imported when they are asked for. Each speaks plainly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS, *OUTSIDE})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        path = COMMANDS.get(name) or OUTSIDE.get(name)
        if path is None:
            found = super().get_command(ctx, name)
            return found and plain(found)
        module, _, attribute = path.partition(":")
        command = getattr(import_module(module), attribute)
        return plain(_inside(command) if name in COMMANDS else command)

    def resolve_command(self, ctx: click.Context, args: list[str]):
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise WrongUse(f"{error.format_message()} `{ctx.command_path} --help` lists them.") from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Alongside: how your partners perform, and what to do about it."""


@cache
def _inside(command: click.Command) -> click.Command:
    """The same command, run inside the portal."""
    if isinstance(command, click.Group):  # what runs inside are its own commands
        group = copy(command)
        group.commands = {name: _inside(each) for name, each in command.commands.items()}
        return group
    run = command.callback
    if run is None or hasattr(command, "plain"):
        return command

    @wraps(run)
    def within(*args, **kwargs):
        with portal():
            return run(*args, **kwargs)

    inside = copy(command)  # the feature's own stays as it is
    inside.callback = within
    return inside


@contextmanager
def portal() -> Iterator[Flask]:
    """Migrated, connected, the organisation in memory."""
    from prm.core.db import db
    from prm.migrating import migrate
    from prm.models import Organisation

    app = _app()
    migrate(app.extensions["settings"].var)
    with app.app_context(), db.connection_context():
        token = Organisation.remember()
        try:
            yield app
        finally:
            Organisation.forget(token)


def _app() -> Flask:
    """The one that `flask --app app` has loaded, else a new one."""
    script = click.get_current_context().find_object(ScriptInfo)
    return script.load_app() if script else create_app()


@main.command()
@click.option("--no-jobs", is_flag=True, help="Only the web; `prm work` runs apart.")
def serve(no_jobs: bool) -> None:
    """Migrate, then serve the web and work on jobs in one process."""
    from prm import serve as server

    app = _app()
    settings = app.extensions["settings"]
    logging.getLogger().setLevel(logging.INFO)
    _migrated(settings.var)
    server.serve(app, settings, jobs=not no_jobs)


@main.command()
def work() -> None:
    """Work on jobs only, beside web processes started with --no-jobs."""
    from prm.serve import work_until_stopped

    settings = _app().extensions["settings"]
    logging.getLogger().setLevel(logging.INFO)
    _migrated(settings.var)
    work_until_stopped(settings)


@main.command()
def migrate() -> None:
    """Bring the database to the shape this version needs."""
    if not _migrated(_app().extensions["settings"].var):
        click.echo("Nothing to do.")


def _migrated(var: Path) -> list[str]:
    from prm.migrating import migrate, refuse_damaged

    refuse_damaged()
    names = migrate(var)
    for name in names:
        click.echo(f"Migrated: {name}")
    return names


@main.command()
@click.argument("name")
def migration(name: str) -> None:
    """Write the migration from the last one to the models, for you to read and finish."""
    from prm.migrating import draft

    with tempfile.TemporaryDirectory() as scratch:
        written = draft(name, Path(scratch))
    click.echo(written or "The models are as the last migration left them.")
