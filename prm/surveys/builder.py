"""The builder: the questions on the left, the one that is edited in the middle, what a reader will see on the right.

Each change is one POST that is stored at once and can be undone. What people answer changes when it is published.
"""
from __future__ import annotations

from flask import request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.core.errors import Invalid
from prm.models import Survey
from prm.models.survey import QUESTION_KINDS
from prm.surveys import editing, rules, versions
from prm.surveys.blueprint import bp
from prm.surveys.checking import problems
from prm.surveys.content import END, ON_A_SCALE, OPERATORS, WITH_CHOICES, Content, Page, Question, Rule, Skip
from prm.surveys.kinds import KINDS
from prm.surveys.phrases import name as language_name
from prm.surveys.sitting import Sitting
from prm.ui.page import page, toast, wants_block
from prm.ui.page import redirect_to

SURVEY = "survey"  # of `at`: the texts of the survey itself
PAGE = "page:"
BLANK_TESTS = 1
MOST = 40  # lines that a form may send of one thing
REGIONS = ("outline", "editor", "preview", "state")


@bp.get("/surveys/<int:id>/build")
@needs(Do.BUILD_SURVEYS)
def build(id):
    survey = rows.get(Survey, current_user, id)
    return _screen(survey, request.args.get("at", ""), request.args.get("lang", ""))


@bp.post("/surveys/<int:id>/build")
@needs(Do.BUILD_SURVEYS)
def change(id):
    """One step: `do` says which. Invalid is told beside the input, and changes nothing."""
    survey, form = rows.get(Survey, current_user, id), request.form
    at, language = form.get("at", ""), form.get("lang", "")
    do, _, what = (form.get("do") or form.get("default") or "save").partition(":")
    try:
        survey, at = _step(survey, do, what, at, language, form)
    except Invalid as refusal:
        if not wants_block() and do != "save":
            raise
        return _screen(survey, at, language, error=refusal, typed=form, status=422)
    if not wants_block():
        return redirect_to(url_for("surveys.build", id=id, at=at or None, lang=language or None))
    return _screen(survey, at, language)


def _step(survey: Survey, do: str, what: str, at: str, language: str, form: MultiDict) -> tuple[Survey, str]:
    """What `do` means. Returns the survey as it is now, and what is edited next."""
    viewer, content = current_user._get_current_object(), Content.parse(survey.content)
    language = language if language in content.languages else content.languages[0]
    if do == "undo":
        return editing.undo(viewer, survey), at
    if do == "save":
        return _save(viewer, survey, content, at, language, form)
    step, then = _named_step(content, do, what, at, form)
    survey = editing.change(viewer, survey, step)
    if do in ("drop", "drop-page"):
        toast("Taken away.", undo=None)
    return survey, then() if callable(then) else then


def _named_step(content: Content, do: str, what: str, at: str, form: MultiDict):
    if do == "add":
        here = content.page_of(at) or content.page(at.removeprefix(PAGE))
        step, code = editing.add_question(what, form.get("page") or (here.key if here else ""), at)
        return step, lambda: code(content)
    if do == "copy":
        step, code = editing.duplicate(what)
        return step, lambda: code(content)
    if do == "drop":
        return editing.drop_question(what), _beside(content, what)
    if do in ("up", "down"):
        return editing.nudge(what, -1 if do == "up" else 1), at
    if do == "arrange":
        return editing.arrange([(key, code) for key, _, code in (each.partition("/") for each in form.getlist("order"))]), at
    if do == "add-page":
        return editing.add_page, lambda: PAGE + editing.free_page(content)
    if do == "drop-page":
        return editing.drop_page(what), ""
    if do in ("page-up", "page-down"):
        keys = [each.key for each in content.pages]
        return editing.move_page(what, (keys.index(what) if what in keys else 0) + (-1 if do == "page-up" else 1)), at
    if do == "add-language":
        return editing.add_language(form.get("language", "")), at
    if do == "drop-language":
        return editing.drop_language(what), at
    raise Invalid("That is nothing that the builder can do.")


def _beside(content: Content, code: str) -> str:
    """What is edited when a question is gone: the one before, else the one after."""
    codes = [question.code for question in content.questions]
    at = codes.index(code) if code in codes else 0
    others = codes[:at][-1:] + codes[at + 1 :][:1]
    return others[0] if others else ""


def _save(viewer, survey: Survey, content: Content, at: str, language: str, form: MultiDict) -> tuple[Survey, str]:
    if at == SURVEY:
        step = editing.set_texts(language, title=form.get("title", ""), intro=form.get("intro", ""), thanks=form.get("thanks", ""))
        return editing.change(viewer, survey, step), at
    if at.startswith(PAGE):
        key = at.removeprefix(PAGE)
        step = editing.set_page(key, language, title=form.get("title", ""), text=form.get("text", ""), show_if=_rule(form, "show_if"), skips=_skips(form))
        return editing.change(viewer, survey, step), at
    step, code = editing.set_question(at, language, _facts(form))
    return editing.change(viewer, survey, step), code(content)


# ── what the editor sends ──


def _facts(form: MultiDict) -> dict:
    return {
        "code": form.get("code", ""), "kind": form.get("kind", ""), "text": form.get("text", ""), "help": form.get("help", ""),
        "required": "required" in form, "other": "other" in form, "random": "random" in form, "low": form.get("low", ""), "high": form.get("high", ""),
        "least": _whole(form, "least"), "most": _whole(form, "most"), "show_if": _rule(form, "show_if"),
        "choices": _parts(form, "choice"), "rows": _parts(form, "row"),
    }  # fmt: skip


def _whole(form: MultiDict, name: str) -> int | None:
    text = form.get(name, "").strip().replace(",", "")
    if not text:
        return None
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 10:
        raise Invalid("Please write a whole number.", field=name)
    return int(text)


def _parts(form: MultiDict, name: str) -> list[tuple[str, str]]:
    """(code, words) of each choice or row in the order of the inputs, then one for each pasted line. `clear` takes one away,
    `lift` puts one before the one above it."""
    pairs = list(zip(form.getlist(f"{name}.code"), form.getlist(f"{name}.text"), strict=False))
    at = _index(form, "clear", name, len(pairs))
    if at is not None:
        del pairs[at]
    at = _index(form, "lift", name, len(pairs))
    if at:
        pairs[at - 1], pairs[at] = pairs[at], pairs[at - 1]
    return pairs + [("", line.strip()) for line in form.get(f"{name}.more", "").splitlines() if line.strip()]


def _index(form: MultiDict, verb: str, name: str, most: int) -> int | None:
    """Which of the lines called `name` the button with this verb is about."""
    of, _, at = form.get(verb, "").rpartition(".")
    return int(at) if of == name and at.isascii() and at.isdigit() and int(at[:4]) < most else None


def _rule(form: MultiDict, name: str) -> Rule:
    tests = []
    for at in range(MOST):
        if f"{name}.{at}.question" not in form:
            break
        values = [part.strip() for each in form.getlist(f"{name}.{at}.value") for part in each.split(";") if part.strip()]
        tests.append({"question": form[f"{name}.{at}.question"], "op": form.get(f"{name}.{at}.op", "is"), "values": values})
    gone = _index(form, "drop-test", name, len(tests))
    if gone is not None:
        del tests[gone]
    return editing.rule_of(tests, form.get(f"{name}.any") == "any")


def _skips(form: MultiDict) -> tuple[Skip, ...]:
    found = []
    for at in range(MOST):
        if f"skip.{at}.to" not in form:
            break
        if form[f"skip.{at}.to"]:
            found.append(Skip(_rule(form, f"skip.{at}.when"), form[f"skip.{at}.to"]))
    return tuple(found)


# ── the screen ──


class Making:
    """What the templates ask about the survey that is built."""

    def __init__(self, survey: Survey, content: Content, at: str, language: str):
        self.survey, self.content, self.language = survey, content, language
        self.question = content.question(at)
        self.page: Page | None = content.page(at.removeprefix(PAGE)) if at.startswith(PAGE) else content.page_of(at)
        self.at = at if self.question or at == SURVEY or (at.startswith(PAGE) and self.page) else ""
        if not self.at:
            self.question = next(iter(content.questions), None)
            self.at = self.question.code if self.question else SURVEY
            self.page = content.page_of(self.at)
        self.problems = problems(content)

    def say(self, text: dict) -> str:
        return self.content.say(text, self.language)

    def typed(self, text: dict) -> str:
        """What stands in an input: only what was written in the language that is edited."""
        return text.get(self.language, "")

    def wrong(self, place: str) -> list[str]:
        return [each.text for each in self.problems if each.place == place]

    def sentence(self, rule: Rule) -> str:
        return rules.sentence(rule, self.content, self.language)

    @property
    def is_page(self) -> bool:
        return self.at.startswith(PAGE)

    @property
    def kinds(self) -> dict[str, list]:
        groups: dict[str, list] = {}
        for kind in KINDS.values():
            groups.setdefault(kind.group, []).append(kind)
        return groups

    def askable(self) -> list[tuple[str, str]]:
        """What a rule may be about: (code, or code/row of a matrix, words)."""
        before = self.content.before(self.question.code) if self.question else self._before_page()
        return self._subjects(before)

    def askable_after(self) -> list[tuple[str, str]]:
        """What a skip from this page may be about: also its own questions."""
        return self._subjects(self._before_page() + [q for q in self.page.questions if q.asks])

    def _before_page(self) -> list[Question]:
        found: list[Question] = []
        for each in self.content.pages:
            if each.key == self.page.key:
                break
            found += [q for q in each.questions if q.asks]
        return found

    def _subjects(self, questions: list[Question]) -> list[tuple[str, str]]:
        found = []
        for question in questions:
            words = self.say(question.text) or question.code
            words = words if len(words) < 60 else words[:59] + "…"
            if question.kind == "matrix":
                found += [(f"{question.code}/{row.code}", f"{words} – {self.say(row.text)}") for row in question.rows]
            else:
                found.append((question.code, words))
        return found

    def values(self, code: str) -> list[tuple[str, str]]:
        """What can be compared with, where the question has a list of answers."""
        question = self.content.question(code.partition("/")[0])
        if question is None:
            return []
        if question.kind == "yes_no":
            return [("yes", "Yes"), ("no", "No")]
        listed = [(each.code, self.say(each.text) or each.code) for each in question.choices]
        return listed + ([("-other-", "another answer")] if question.other else [])

    def later(self) -> list[tuple[str, str]]:
        pages, found, seen = self.content.pages, [], False
        for at, each in enumerate(pages, 1):
            if seen:
                found.append((each.key, f"Page {at}" + (f": {self.say(each.title)}" if self.say(each.title) else "")))
            seen = seen or each.key == self.page.key
        return [*found, (END, "The end")]

    def preview(self) -> Sitting:
        sitting = Sitting(self.survey, self.content, language=self.language, on_trial=True)
        sitting.seed = "preview"
        return sitting


def _screen(survey: Survey, at: str, language: str, *, error: Invalid | None = None, typed: MultiDict | None = None, status: int = 200):
    content = Content.parse(survey.content)
    language = language if language in content.languages else content.languages[0]
    make = Making(survey, content, at, language)
    return page(
        "surveys/build.html", block=REGIONS, make=make, survey=survey, content=content, error=error, typed=typed, kinds=KINDS, labels=QUESTION_KINDS,
        operators=OPERATORS, with_choices=WITH_CHOICES, on_a_scale=ON_A_SCALE, language=language, language_name=language_name,
        changed=versions.is_changed(survey), status=status,
    )  # fmt: skip
