"""prm survey: take a survey in, load answers, print what they come to."""
from __future__ import annotations

import json
from pathlib import Path

import click

from prm.access.system import SYSTEM
from prm.core.errors import Invalid
from prm.core.text import natural
from prm.models import Survey
from prm.surveys import counting, loading, portable, services

LARGEST = 100 * 2**20


@click.group("survey")
def survey_command() -> None:
    """Surveys in and out of files."""


@survey_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_survey(file: Path) -> None:
    """Take in FILE, a survey as JSON or a LimeSurvey structure (.lss), and print its id."""
    content, anonymous, notes = portable.read(file.name, _read(file))
    made = services.make(SYSTEM, content, anonymous=anonymous)
    for note in notes:
        click.echo(note, err=True)
    click.echo(made.id)


@survey_command.command("load-answers")
@click.argument("survey")
@click.argument("file", type=click.Path(path_type=Path))
def load_answers(survey: str, file: Path) -> None:
    """Load answers of SURVEY (its id or its title) out of FILE, a CSV that LimeSurvey has exported."""
    loaded = loading.load(SYSTEM, _survey(survey), file.name, _read(file))
    click.echo(f"{loaded.responses} responses with {loaded.answers} answers.")
    for heading in loaded.left:
        click.echo(f"Left: {heading}", err=True)
    for (code, written, meant), count in loaded.meant.most_common(loading.MOST_NOTES):
        click.echo(f"{code}: “{written}” was taken for “{meant}” ({count} times).", err=True)
    for (code, written), count in loaded.kept.most_common(loading.MOST_NOTES):
        click.echo(f"{code}: “{written}” is not among the answers and was kept as it is ({count} times).", err=True)


@survey_command.command("results")
@click.argument("survey")
@click.option("--format", "shape", type=click.Choice(("table", "json")), default="table", show_default=True)
def results(survey: str, shape: str) -> None:
    """Print what SURVEY (its id or its title) found."""
    found = counting.results(SYSTEM, _survey(survey))
    if found.hidden:
        raise Invalid("Fewer than five answers: nothing of an anonymous survey is shown yet.")
    machine = counting.machine(found)
    if shape == "json":
        click.echo(json.dumps(machine, ensure_ascii=False))
        return
    click.echo(f"{machine['responses']} responses")
    for code, figures in machine["questions"].items():
        counts = ", ".join(f"{label}: {count}" for label, count in figures["counts"].items())
        scores = "".join(f", {name} {figures[name]}" for name in ("mean", "nps") if figures[name] is not None)
        click.echo(f"{code}: n {figures['n']}{scores}" + (f" ({counts})" if counts else ""))


def _survey(wanted: str) -> Survey:
    """By id, else by title."""
    here = Survey.deleted_at.is_null()
    by_id = Survey.id == natural(wanted) if natural(wanted) is not None else Survey.title == wanted
    found = list(Survey.select().where(here & by_id).limit(2))
    if len(found) != 1:
        raise Invalid(f"There is no survey “{wanted[:80]}”." if not found else f"Two surveys are called “{wanted[:80]}”: give the id.")
    return found[0]


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise Invalid(f"{file.name} cannot be read: {error.strerror or error}.") from None
    if len(data) > LARGEST:
        raise Invalid(f"{file.name} is larger than {LARGEST // 2**20} MB.")
    return data
