"""The audit trail and the access proof."""
from __future__ import annotations

from flask import Blueprint, request
from flask_login import current_user

from prm.access.gate import needs
from prm.access.policy import Do
from prm.audit import proof, trail
from prm.core import clock
from prm.core.text import naturals
from prm.models import Organisation, Person
from prm.ui.downloads import sent_csv, sent_xlsx
from prm.ui.page import page
from prm.ui.paging import paged
from prm.ui.sheets import write_csv, write_xlsx
from prm.ui.stories import stories

bp = Blueprint("audit", __name__, url_prefix="/setup")
MOST_PEOPLE = 12


@bp.get("/audit")
@needs(Do.SEE_AUDIT)
def index():
    found = trail.find(current_user, request.args)
    if request.args.get("format") in ("csv", "xlsx"):
        return _file("audit-trail", trail.COLUMNS, trail.lines(found))
    table = paged(found, request.args, request.path)
    told = dict(zip((row.id for row in table.records), stories(current_user, table.records), strict=True))
    return page("audit/index.html", block="rows", table=table, told=told, verbs=trail.verbs(current_user), narrowed=any(request.args.get(k) for k in ("q", "verb", "from", "to")))


@bp.get("/access")
@needs(Do.SEE_AUDIT)
def access():
    """`?person=` (several) chooses whom; else it is somebody of each role."""
    text = request.args.get("q", "").strip()
    ids = naturals(request.args.getlist("person")[:MOST_PEOPLE])
    chosen = list(proof.people(current_user).where(Person.id.in_(ids)).order_by(Person.id)) if ids else proof.usual(current_user)
    made = proof.prove(chosen)
    if request.args.get("format") in ("csv", "xlsx"):
        return _file("access-proof", proof.COLUMNS, proof.lines(made))
    asked = Person.name.contains(text[:200]) | Person.email.contains(text[:200])
    found = list(proof.people(current_user).where(asked & Person.disabled_at.is_null()).order_by(Person.name).limit(20)) if text else []
    return page("audit/access.html", proof=made, ids=ids, text=text, found=found, as_of=clock.now())


def _file(name: str, columns, lines):
    """Named after the day, as it says what held then."""
    name = f"{name}-{clock.today(Organisation.current().zone):%Y-%m-%d}.{request.args['format']}"
    if request.args["format"] == "csv":
        return sent_csv(write_csv(columns, lines), name)
    return sent_xlsx(lambda file: write_xlsx(file, columns, lines), name)
