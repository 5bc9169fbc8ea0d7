"""prm admin: the first or a further admin, without a browser. The password comes on stdin, so that no list of processes
and no shell history has it."""

from __future__ import annotations

import sys

import click

from prm.core.errors import Invalid
from prm.setup import services

LONGEST = 4096  # bytes; what comes after would not be a password


@click.command("admin")
@click.argument("email")
@click.option("--name", default="", help="What people call them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin, the first line of it.")
def admin(email: str, name: str, password_stdin: bool) -> None:
    """Make EMAIL an admin: the first one, a further one, or a new password for one who lost it."""
    password = _from_stdin() if password_stdin else _asked()
    person = services.make_admin(email=email, password=password, name=name)
    click.echo(f"{person.email} is an admin and can sign in.")


def _from_stdin() -> str:
    found = sys.stdin.buffer.read(LONGEST + 1)
    if len(found) > LONGEST:
        raise Invalid("That is no password: stdin has more than 4,096 bytes.")
    try:
        lines = found.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Invalid("The password on stdin is not in UTF-8.") from None
    if not lines or not lines[0]:
        raise Invalid("There is no password on stdin.")
    if len(lines) > 1:
        raise Invalid("The password on stdin must be a single line.")
    return lines[0]


def _asked() -> str:
    if not sys.stdin.isatty():
        raise Invalid("Give the password on stdin, with --password-stdin.")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)
