"""New report and Edit: the draft is in the page's own address, the answer beside it follows; saving keeps it."""
from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do, may
from prm.catalogue import operators, words
from prm.catalogue.answer import context
from prm.catalogue.fields import Catalogue
from prm.catalogue.formula import Formula
from prm.catalogue.grouping import grouping
from prm.catalogue.measuring import measuring
from prm.catalogue.objects import catalogue
from prm.catalogue.question import FUNCTIONS, Filter, Question
from prm.core.errors import Invalid
from prm.models import Folder, Report
from prm.models.report import SHARING
from prm.reporting.content import TONES, Content
from prm.reports import asked, choices, services
from prm.ui.behind import rows_page
from prm.reports.blueprint import bp
from prm.ui.answered import STEPS, answer
from prm.ui.page import page, redirect_to, steer, toast, wants_block
from prm.ui.pictures import KINDS_OF_CHART, problem

LONGEST_ADDRESS = 8000
BUTTONS = ("add", "drop", "up", "down", "move", "pick", "join")
ABOUT = ("name", "description", "folder", "sharing", "version", "csrf_token")


@dataclass
class Draft:
    """`problems` by the name of the input that each belongs to; `content` is what works of it, if anything does."""

    tree: asked.Tree
    problems: dict[str, str] = field(default_factory=dict)
    content: Content | None = None


def draft_of(tree: asked.Tree, viewer, known: Catalogue) -> Draft:
    """Each part is tried by itself, so that its problem stands beside its input; the draft as a whole comes last."""
    made = Draft(tree)
    for stem, part in _parts(tree):
        _try_part(made, stem, part, viewer, known)
    try:
        content = Content.parse(asked.content_of(tree))
        for at, each in enumerate(content.parts):
            if lacking := problem(each.question):
                made.problems.setdefault(("" if at == 0 else f"p{at + 1}.") + "chart.kind", lacking)
            context(each.question, viewer, known=known).source.where(each.question)
        made.content = content
    except Invalid as refusal:
        made.problems.setdefault(_where(refusal.message, tree), refusal.message)
    return made


def _parts(tree: asked.Tree) -> list[tuple[str, asked.Tree]]:
    return [("", tree), *((f"{name}.", tree[name]) for name in asked.PARTS if isinstance(tree.get(name), dict))]


def _where(message: str, tree: asked.Tree) -> str:
    """The input that a problem of the whole belongs to."""
    if tree.get("logic") and ("logic" in message.lower() or "filter" in message.lower() or "bracket" in message.lower()):
        return "logic"
    return "limit" if message.startswith("“limit”") else "draft"


def _try_part(draft: Draft, stem: str, part: asked.Tree, viewer, known: Catalogue) -> None:
    object = part.get("object", "")
    if object not in known.objects:
        draft.problems[f"{stem}object"] = "Choose what the report is about." if not object else f"There is no “{object[:60]}” to ask about."
        return
    source = context(Question(object), viewer, known=known).source
    for at, f in enumerate(part.get("filters", [])):
        _try(draft, f"{stem}filters.{at}", lambda f=f: _try_filter(f, source))
    for name in ("rows", "columns"):
        for at, g in enumerate(part.get(name, [])):
            _try(draft, f"{stem}{name}.{at}", lambda g=g, name=name: _try_group(g, name, object, source))
    for at, m in enumerate(part.get("measures", [])):
        _try(draft, f"{stem}measures.{at}", lambda m=m: _try_measure(m, object, source))
    for at, each in enumerate(part.get("formulas", [])):
        _try(draft, f"{stem}formulas.{at}", lambda each=each: _try_formula(each, source))
    for at, path in enumerate(part.get("fields", [])):
        _try(draft, f"{stem}fields.{at}", lambda path=path: path and source.bind(path))


def _try(draft: Draft, name: str, attempt) -> None:
    try:
        attempt()
    except Invalid as refusal:
        draft.problems[name] = refusal.message


def _try_filter(f: asked.Tree, source) -> None:
    content = asked.content_of({"object": source.obj.key, "filters": [f]})["parts"][0]["question"]
    for condition in Question.parse(content).filters:
        if isinstance(condition, Filter) and condition.value in (None, "", []):
            operator = operators.find(condition.op, source.bind(condition.field).field.kind)
            if operator.arity and condition.op not in ("is", "is not"):
                raise Invalid("Give it a value.")
        source.condition(condition)


def _try_group(g: asked.Tree, name: str, object: str, source) -> None:
    for group in Question.parse(asked.content_of({"object": object, name: [g]})["parts"][0]["question"]).groups:
        grouping(source, group)


def _try_measure(m: asked.Tree, object: str, source) -> None:
    if m.get("formula", "").strip():
        Formula.parse(m["formula"])
        return
    for measure in Question.parse(asked.content_of({"object": object, "measures": [m]})["parts"][0]["question"]).measures:
        measuring(source, measure)


def _try_formula(each: asked.Tree, source) -> None:
    if each.get("formula", "").strip():
        for name in sorted(Formula.parse(each["formula"]).names):
            source.bind(name)


# ── the screens ──


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.BUILD_REPORTS)
def new():
    return _build(None)


@bp.route("/<int:id>/edit", methods=["GET", "POST"])
@needs(Do.BUILD_REPORTS)
def edit(id):
    report = rows.get(Report, current_user, id)
    return _build(report)


@bp.get("/rows")
@needs(Do.BUILD_REPORTS)
def draft_rows():
    """The rows behind a figure of a draft."""
    content = Content.parse(asked.content_of(asked.tree_of(request.args)))
    back = f"{url_for('reports.new')}?{urlencode([p for p in request.args.items(multi=True) if p[0] not in (*STEPS, 'page', 'q')])}"
    return rows_page(content, current_user, request.args, request.path, name="Draft", back=back)


def _build(report: Report | None):
    known = catalogue(current_user)
    given = request.form if request.method == "POST" else request.args
    tree = _tree(report, given)
    focus = asked.act(tree, given)
    choices.settle(known, tree)
    draft = draft_of(tree, current_user, known)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        saved, wrong = _save(report, draft)
        if saved is not None:
            toast("Saved")
            return redirect_to(url_for("reports.show", id=saved.id))
    return _page(report, draft, known, focus, wrong)


def _tree(report: Report | None, given: MultiDict) -> asked.Tree:
    plain = MultiDict((k, v) for k, v in given.items(multi=True) if k not in (*BUTTONS, *ABOUT))
    if report is not None and "object" not in plain:
        return asked.tree_from(report.content)
    tree = asked.tree_of(plain)
    tree.setdefault("object", "deal")
    return tree


def _save(report: Report | None, draft: Draft) -> tuple[Report | None, dict[str, str]]:
    if draft.content is None or draft.problems:
        return None, {"draft": "Nothing was saved yet: mend what is marked first."}
    form = request.form
    try:
        folder = services.folder_named(current_user, form.get("folder", ""))
        facts = {"name": form.get("name", ""), "description": form.get("description", ""), "sharing": form.get("sharing", "private")}
        version = int(form["version"]) if form.get("version", "").isdigit() and len(form["version"]) < 9 else None
        return services.save(current_user, draft.content, folder=folder, report=report, version=version, **facts), {}
    except Invalid as refusal:
        return None, {refusal.field or "draft": refusal.message}


def _page(report: Report | None, draft: Draft, known: Catalogue, focus: str, wrong: dict[str, str]):
    address = url_for("reports.edit", id=report.id) if report else url_for("reports.new")
    clean = f"{address}?{urlencode(asked.pairs_of(draft.tree))}"
    found = None
    if draft.content is not None and not draft.problems:
        args = MultiDict(asked.pairs_of(draft.tree))
        found = answer(draft.content, current_user, args, url_for("reports.draft_rows"))
        if found.problem:
            draft.problems["draft"] = found.problem
    blocks = ("conf", "preview") if found and not found.problem else ("conf",)
    here = page(
        "reports/builder.html", block=blocks, status=422 if wrong else 200, report=report, draft=draft, tree=draft.tree, shown=found,
        action=address, wrong=wrong, sharing=_sharing(), folders=_folders(), form=_about(report), sentence=_sentence(draft, known),
        make=choices.Choices(known, draft.tree), charts=KINDS_OF_CHART, functions=FUNCTIONS, tones=TONES,
        pairs=asked.pairs_of(draft.tree), too_long=len(clean) > LONGEST_ADDRESS, focus=focus,
    )  # fmt: skip
    if not wants_block():
        return here
    if focus:  # things were added, moved or taken away: what stands in their inputs must not be kept in place
        steer(here, reswap="innerHTML")
    return steer(here, replace_url=clean) if len(clean) <= LONGEST_ADDRESS else here


def _sharing() -> dict[str, str]:
    return {key: label for key, label in SHARING.items() if key != "partners" or may(current_user, Do.PUBLISH_REPORTS)}


def _folders() -> list[str]:
    return list(rows.visible(Folder, current_user, Folder.name).order_by(Folder.position).scalars())


def _about(report: Report | None) -> dict[str, str]:
    """Name and the like: as typed, else as saved."""
    typed = request.form
    kept = {"name": "", "description": "", "folder": "", "sharing": "private", "version": ""}
    if report is not None:
        kept |= {"name": report.name, "description": report.description, "sharing": report.sharing, "version": str(report.version)}
        kept["folder"] = report.folder.name if report.folder_id else ""
    return {key: typed.get(key, value) for key, value in kept.items()}


def _sentence(draft: Draft, known: Catalogue) -> str:
    """The draft in words, as far as it works."""
    if draft.content is None:
        return ""
    try:
        said = [words.say(part.question, context(part.question, current_user, known=known).source) for part in draft.content.parts]
    except Invalid:
        return ""
    return "; ".join(said)
