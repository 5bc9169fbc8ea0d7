"""Every command speaks plainly: it leaves with 0, or with another code and one clear line on stderr, never a traceback."""
from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps

import click

FULL = "The disk is full. Nothing was stored: make room and try again."
AWAY = "The database is away, or somebody else holds it"

DATABASES = ("peewee", "sqlite3", "psycopg")  # whose errors may mean that it is full, or away


class WrongUse(click.ClickException):
    """An option or argument that cannot be used."""

    exit_code = 2


def plain(command: click.Command) -> click.Command:
    """The same command, whose refusals, usage errors and accidents are one line each."""
    if hasattr(command, "plain"):
        return command
    if isinstance(command, click.Group):
        command.commands = {name: plain(each) for name, each in command.commands.items()}
    parse, run = command.parse_args, command.callback

    def parse_args(ctx, args):
        try:
            return parse(ctx, args)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            raise WrongUse(f"{_line(error.format_message())} `{ctx.command_path} --help` says more.") from None

    @wraps(run)
    def callback(*args, **kwargs):
        os.umask(0o077)  # the database, copies and files are for this user only
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("peewee.migrations").setLevel(logging.WARNING)  # the command says what it migrated
        with plainly():
            return run(*args, **kwargs)

    command.parse_args, command.callback, command.plain = parse_args, callback, True
    return command


@contextmanager
def plainly() -> Iterator[None]:
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:
        raise  # somebody has read enough: click leaves quietly
    except Exception as error:
        if os.environ.get("PRM_DEBUG"):
            raise
        raise click.ClickException(_line(_said(error))) from None


def _said(error: Exception) -> str:
    from prm.core.errors import Refusal
    from prm.core.trouble import trouble

    if isinstance(error, Refusal):
        return error.message
    if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return f"{error.filename or 'The system'}: {error.strerror or error}"
    if isinstance(error, OSError):
        return FULL
    if type(error).__module__.partition(".")[0] in DATABASES:
        kind = trouble(error)
        return FULL if kind == "full" else f"{AWAY}: {error}" if kind == "away" else f"The database: {error}"
    return f"Something broke: {type(error).__name__}: {error}. With PRM_DEBUG=1 it says where."


def _line(text: str) -> str:
    """One line, whatever a server or a library has said."""
    return " ".join(text.split())[:2000]
