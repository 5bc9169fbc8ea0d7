"""The mail of a subscription for one person: figures and charts in it, or a PDF and an Excel file attached."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from prm.access.portals import as_seen_by
from prm.catalogue.objects import catalogue
from prm.catalogue.question import MAX_LIMIT
from prm.core import clock, files, formats, links, pdf
from prm.core.letters import letter
from prm.models import Dashboard, Organisation, Person, Report, Subscription
from prm.reporting.asking import ask
from prm.reporting.content import Content
from prm.reporting.narrowing import values_of
from prm.reporting.table import Table
from prm.subscriptions.conditions import check
from prm.subscriptions.times import words
from prm.ui import printed
from prm.ui.answered import said
from prm.ui.answers import drawn
from prm.ui.charts import Paint
from prm.ui.documents import boxes, dashboard_pdf, file_name, report_pdf
from prm.ui.downloads import XLSX
from prm.ui.paper import environment
from prm.ui.pictures import picture
from prm.ui.printed import Box, Sheet
from prm.ui.table_files import write_xlsx
from prm.ui.theme import accents

LINES = 40  # of a table that stand in a mail; the report has them all
WIDTH = 600  # pixels of a mail
PAPER = Sheet("a4", "landscape")


@dataclass
class Composed:
    subject: str
    text: str
    html: str
    attachments: list[dict] = field(default_factory=list)


def compose(subscription: Subscription, what: Report | Dashboard, person: Person, leave: str, *, always: bool = False) -> Composed:
    """Everything in it is answered for `person`, and looks as their portal. conditions.Skipped where the condition is not met;
    `always` sends it all the same."""
    with as_seen_by(person):
        return _composed(subscription, what, person, leave, always)


def _composed(subscription: Subscription, what: Report | Dashboard, person: Person, leave: str, always: bool) -> Composed:
    if isinstance(what, Dashboard):
        return _of_dashboard(subscription, what, person, leave)
    content = Content.parse(what.content)
    known = catalogue(person)
    inline = subscription.form == "inline"
    table = ask(content, person, known=known, limit=LINES if inline else MAX_LIMIT)
    if not always:
        check(subscription.condition, table)
    about = printed.about(table, said(table) if person.is_staff else "")
    if inline:
        return _written(subscription, what, person, leave, [Box(table=table, chart=content.question.chart, notes=table.notes)], about)
    made = _written(subscription, what, person, leave, [Box(notes=["The report is attached as a PDF and as an Excel file."])], about)
    made.attachments += [
        _attached(file_name(what.name, "pdf"), "application/pdf", report_pdf(content, what.name, person, PAPER)),
        _attached(file_name(what.name, "xlsx"), XLSX, _workbook(table, what.name, about)),
    ]
    return made


def _of_dashboard(subscription: Subscription, board: Dashboard, person: Person, leave: str) -> Composed:
    values = values_of(person, {}, board.filters)
    about = [("As of", _now())]
    if subscription.form == "inline":
        return _written(subscription, board, person, leave, boxes(board, person, values), about)
    made = _written(subscription, board, person, leave, [Box(notes=["The dashboard is attached as a PDF."])], about)
    made.attachments.append(_attached(file_name(board.name, "pdf"), "application/pdf", dashboard_pdf(board, person, values, PAPER)))
    return made


def _now() -> str:
    org = Organisation.current()
    return f"{formats.moment(clock.now(), org.zone, org.locale)} ({org.zone})"


# ── what is written ──


def _written(subscription: Subscription, what, person: Person, leave: str, parts: Sequence[Box], about: list[tuple[str, str]]) -> Composed:
    org = Organisation.current()
    colours = accents(org.brand)["light"]
    shown, attachments = [], []
    for at, box in enumerate(parts):
        image = _image(box, Paint(accent=colours["accent-chart"]))
        if image:
            attachments.append(_attached(f"chart-{at + 1}.png", "image/png", image) | {"cid": f"chart-{at + 1}"})
        shown.append({"box": box, "cid": f"chart-{at + 1}" if image else "", "alt": box.title or what.name, "table": _table(box)})
    place = links.address(f"/{'reports' if isinstance(what, Report) else 'dashboards'}/{what.id}")
    when = words(subscription.every, subscription.on_day, subscription.hour, subscription.zone)
    facts = {"title": what.name, "organisation": org.name, "name": person.display, "link": place, "leave": leave, "when": when}
    subject, text = letter("subscription", **facts, about="; ".join(f"{label}: {value}" for label, value in about), totals=_totals(parts))
    html = environment().get_template("mails/subscription.html").render(
        **facts, about=about, shown=shown, colours=colours, tones={"good": "#0b7a4b", "warn": "#8a5208", "bad": "#b4232c"}
    )
    return Composed(subject, text, html, attachments)


def _image(box: Box, paint: Paint) -> bytes | None:
    """Its chart as a picture, as mail programs draw no SVG; nothing where it is shown as a table or a number."""
    if box.table is None or not box.table.count or not box.chart.get("kind") or box.show == "table":
        return None
    chart = {**box.chart, "kind": "number"} if box.show == "number" else box.chart
    drawing = picture(box.table, chart, title=box.title, width=WIDTH - 16, paint=paint)
    return pdf.picture(environment().get_template("mails/chart.html").render(drawing=drawing, width=WIDTH, accent=paint.accent))


def _table(box: Box):
    """The table under a chart; of a tile that is a chart, the chart alone."""
    if box.table is None or box.show in ("chart", "number") or not box.table.count:
        return None
    return drawn(box.table)


def _totals(parts: Sequence[Box]) -> str:
    """For those who read text: the grand totals of each table."""
    found = []
    for box in parts:
        for line in drawn(box.table).lines if box.table is not None else ():
            if line.kind == "total":
                heads = [head.text for head in box.table.heads[-1]][-len(line.figures) :] if line.figures else []
                values = line.figures or line.names
                heads = heads or [head.text for head in box.table.heads[-1]]
                named = [f"{head or 'Total'} {cell.text}" for head, cell in zip(heads, values, strict=False) if cell.text]
                found.append(f"{box.title}: {', '.join(named)}" if box.title else ", ".join(named))
    return "; ".join(found)


def _workbook(table: Table, name: str, about: list[tuple[str, str]]) -> bytes:
    made = BytesIO()
    write_xlsx(made, table, title=name, about=about)
    return made.getvalue()


def _attached(name: str, kind: str, content: bytes) -> dict:
    return {"name": name, "type": kind, "file": files.save(content)}

