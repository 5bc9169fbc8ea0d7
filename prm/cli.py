"""The command `prm`, for people and scripts: leaves with 0, or with another code and one clear line on stderr.

A command of a feature is an ordinary click command in its `commands.py`. It runs inside the portal: settings read,
database migrated and connected, organisation in memory; what it refuses becomes the line on stderr.
"""
from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo

from prm import create_app

# name -> module:command
COMMANDS: dict[str, str] = {
    "import": "prm.transfers.commands:import_command",
}


class Commands(click.Group):
    """The commands below, and those of the features, imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return super().get_command(ctx, name)
        module, _, attribute = COMMANDS[name].partition(":")
        return _inside(getattr(import_module(module), attribute))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Alongside: how your partners perform, and what to do about it."""
    os.umask(0o077)  # the database, copies and files are for this user only
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _inside(command: click.Command) -> click.Command:
    """The same command, run inside the portal."""
    run = command.callback
    if run is None or hasattr(run, "__wrapped_portal__"):
        return command

    @wraps(run)
    def within(*args, **kwargs):
        with portal():
            return run(*args, **kwargs)

    within.__wrapped_portal__ = True
    command.callback = within
    return command


@contextmanager
def portal() -> Iterator[Flask]:
    from prm.core.db import db
    from prm.core.errors import Refusal
    from prm.migrating import migrate
    from prm.models import Organisation

    app = _app()
    migrate(app.extensions["settings"].var)
    with app.app_context(), db.connection_context():
        token = Organisation.remember()
        try:
            yield app
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from None
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'The system'}: {error.strerror or error}") from None
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
    _migrated(settings.var)
    try:
        server.serve(app, settings, jobs=not no_jobs)
    except OSError as error:
        raise click.ClickException(f"Port {settings.port} on {settings.host}: {error.strerror}. Set PRM_PORT.") from None


@main.command()
def work() -> None:
    """Work on jobs only, beside web processes started with --no-jobs."""
    from prm.serve import work_until_stopped

    _migrated(_app().extensions["settings"].var)
    work_until_stopped()


@main.command()
def migrate() -> None:
    """Bring the database to the shape this version needs."""
    if not _migrated(_app().extensions["settings"].var):
        click.echo("Nothing to do.")


def _migrated(var: Path) -> list[str]:
    from prm.migrating import migrate

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
