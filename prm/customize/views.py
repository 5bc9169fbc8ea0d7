"""Setup's screens of objects, fields and layouts."""
from __future__ import annotations

from flask import Blueprint, request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.catalogue.kinds import KINDS
from prm.catalogue.objects import catalogue
from prm.core.errors import Invalid, Missing
from prm.core.text import natural, naturals
from prm.customize import converting, layouts, services
from prm.customize.definitions import AUDIENCES
from prm.customize.forms import ObjectDefinitionForm, field_form
from prm.customize.kinds import CHOOSABLE, CONVERTIBLE
from prm.customize.uses import Uses
from prm.models import CustomObject
from prm.ui.asked import moved
from prm.ui.page import page, redirect_to, toast

bp = Blueprint("customize", __name__, url_prefix="/setup/objects")
LABELS = {key: kind.label for key, kind in KINDS.items()} | {key: kind.label for key, kind in CHOOSABLE.items()}
MOST_LINES = 200


# ── objects ──


@bp.get("/")
@needs(Do.SET_UP)
def index():
    known = catalogue(current_user)
    own = {row.key: row for row in services.objects(current_user)}
    shown = [(obj, own.get(obj.key), sum(f.custom for f in obj.fields)) for obj in known.objects.values() if obj.extensible]
    return page("customize/index.html", objects=shown, deleted=services.objects(current_user, deleted=True), kept=services.KEPT)


@bp.route("/new", methods=["GET", "POST"])
@needs(Do.SET_UP)
def new_object():
    form = ObjectDefinitionForm.of(None)
    if form.saved(lambda values: services.make_object(current_user, values), lambda row: url_for("customize.object", key=row.key)):
        toast("Made. Give it the fields it needs.")
        return redirect_to(form.outcome)
    return page("customize/edit_object.html", form=form, row=None, status=form.status)


@bp.get("/<key>")
@needs(Do.SET_UP)
def object(key):
    obj = services.object_of(current_user, key)
    fields = services.fields(current_user, obj)
    states = {
        "used": [f for f in fields if f.retired_at is None and f.deleted_at is None],
        "retired": [f for f in fields if f.retired_at is not None and f.deleted_at is None],
        "deleted": [f for f in fields if f.deleted_at is not None],
    }
    return page("customize/object.html", obj=obj, row=_row(key), states=states, labels=LABELS, audiences=AUDIENCES, kept=services.KEPT)


def _row(key: str) -> CustomObject | None:
    return rows.visible(CustomObject, current_user).where(CustomObject.key == key).first()


def _own(key: str) -> CustomObject:
    """One of our own, or Missing."""
    row = _row(key)
    if row is None:
        raise Missing()
    return row


@bp.route("/<key>/edit", methods=["GET", "POST"])
@needs(Do.SET_UP)
def edit_object(key):
    row = _own(key)
    form = ObjectDefinitionForm.of(row)
    if form.saved(lambda values: services.change_object(current_user, row, values), lambda _: url_for("customize.object", key=key)):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("customize/edit_object.html", form=form, row=row, uses=Uses(current_user).of_object(key), status=form.status)


@bp.post("/<key>/delete")
@needs(Do.SET_UP)
def delete_object(key):
    row = _own(key)
    services.delete_object(current_user, row)
    toast(f"{row.plural} are deleted, with their records. They can be brought back for 30 days.", undo=url_for("customize.restore_object", key=key))
    return redirect_to(url_for("customize.index"))


@bp.post("/<key>/restore")
@needs(Do.SET_UP)
def restore_object(key):
    row = _own(key)
    services.restore_object(current_user, row)
    toast(f"{row.plural} are back.")
    return redirect_to(url_for("customize.object", key=key))


@bp.post("/<key>/order")
@needs(Do.SET_UP)
def order(key):
    """By drag: `order` has every id; by a button: `move` is “12:up”."""
    obj = services.object_of(current_user, key)
    ids = naturals(request.form.getlist("order"))
    id, _, way = request.form.get("move", "").partition(":")
    if natural(id) is not None:
        row = services.field_of(current_user, obj, id)
        at = ids.index(row.id) if row.id in ids else 0
        services.move_field(current_user, obj, row, at + (1 if way == "down" else -1))
    elif ids:
        services.order_fields(current_user, obj, ids)
    return redirect_to(url_for("customize.object", key=key))


# ── fields ──


@bp.route("/<key>/fields/new", methods=["GET", "POST"])
@needs(Do.SET_UP)
def new_field(key):
    """First which kind, then the rest."""
    obj, kind = services.object_of(current_user, key), CHOOSABLE.get(request.values.get("kind", ""))
    if kind is None:
        return page("customize/kinds.html", obj=obj, kinds=CHOOSABLE.values())
    form = field_form(catalogue(current_user), obj, kind, None, _lines())
    if "more" in request.form:
        return page("customize/field.html", obj=obj, kind=kind, form=_longer(form), row=None)
    if form.saved(lambda values: services.make_field(current_user, obj, kind.key, values), lambda _: url_for("customize.object", key=key)):
        toast("Added. It is in forms, lists, reports and files from now on.")
        return redirect_to(form.outcome)
    return page("customize/field.html", obj=obj, kind=kind, form=form, row=None, status=form.status)


@bp.route("/<key>/fields/<int:id>", methods=["GET", "POST"])
@needs(Do.SET_UP)
def field(key, id):
    obj = services.object_of(current_user, key)
    row = services.field_of(current_user, obj, id)
    job = services.job_of(row)
    if request.args.get("watch") == "work" and request.htmx:
        return page("customize/field.html", block="progress", obj=obj, row=row, job=job) if job else redirect_to(url_for("customize.field", key=key, id=id))
    kind = CHOOSABLE[row.kind]
    form = field_form(catalogue(current_user), obj, kind, row, _lines())
    given = {
        "obj": obj, "kind": kind, "row": row, "uses": Uses(current_user).of_field(row), "job": job, "failure": services.failure_of(row),
        "others": [CHOOSABLE[k] for k in CONVERTIBLE if k != row.kind] if row.kind in CONVERTIBLE else [],
    }  # fmt: skip
    if "more" in request.form:
        return page("customize/field.html", form=_longer(form), **given)
    if form.saved(lambda values: services.change_field(current_user, obj, row, values), lambda _: url_for("customize.object", key=key)):
        toast("Saved")
        return redirect_to(form.outcome)
    return page("customize/field.html", form=form, status=form.status, **given)


def _lines() -> int:
    return min(len({name.split("-")[1] for name in request.form if name.startswith("choices-") and name.count("-") > 1}), MOST_LINES)


def _longer(form):
    """With five more lines for choices; nothing is stored."""
    for _ in range(5):
        if len(form.choices) < MOST_LINES:
            form.choices.append_entry({"place": len(form.choices) + 1})
    return form


@bp.post("/<key>/fields/<int:id>/<any(retire, restore, delete):do>")
@needs(Do.SET_UP)
def act(key, id, do):
    obj = services.object_of(current_user, key)
    row = services.field_of(current_user, obj, id)
    back = url_for("customize.act", key=key, id=id, do="restore")
    if do == "retire":
        services.retire_field(current_user, row)
        toast(f"{row.label} is retired; its values stay.", undo=back)
    elif do == "delete":
        services.delete_field(current_user, row)
        toast(f"{row.label} is deleted. It can be brought back for 30 days.", undo=back)
    else:
        services.restore_field(current_user, obj, row)
        toast(f"{row.label} is back.")
    return redirect_to(url_for("customize.object", key=key))


@bp.route("/<key>/fields/<int:id>/kind", methods=["GET", "POST"])
@needs(Do.SET_UP)
def convert(key, id):
    """What would become of each value; a POST does it."""
    obj = services.object_of(current_user, key)
    row = services.field_of(current_user, obj, id)
    kind = CHOOSABLE.get(request.values.get("kind", ""))
    if kind is None:
        raise Invalid("Choose a kind.")
    if request.method == "POST":
        converting.start(current_user, obj, row, kind.key)
        toast(f"{row.label} becomes {kind.label.lower()}.")
        return redirect_to(url_for("customize.field", key=key, id=id))
    found = converting.preview(obj, row, kind.key)
    return page("customize/convert.html", obj=obj, row=row, old=CHOOSABLE[row.kind], kind=kind, found=found)


# ── layouts ──


@bp.route("/<key>/layout", methods=["GET", "POST"])
@needs(Do.SET_UP)
def layout(key):
    obj, role = services.object_of(current_user, key), request.values.get("role", "")
    roles = layouts.roles()
    if role not in roles:
        raise Missing()
    here = url_for("customize.layout", key=key, role=role or None)
    problem = ""
    if request.method == "POST":
        try:
            _lay_out(obj, role)
            return redirect_to(here)
        except Invalid as refusal:
            problem = refusal.message
    lines = layouts.lines(obj, role)
    return page(
        "customize/layout.html", obj=obj, role=role, roles=roles, lines=lines, headings=sorted({line.heading for line in lines} - {""}),
        own=layouts.has_own(obj, role), problem=problem, status=422 if problem else 200,
    )  # fmt: skip


def _lay_out(obj, role: str) -> None:
    if request.form.get("do") == "reset":
        layouts.reset(current_user, obj, role)
        toast("As it was made.")
        return
    keys, shown = request.form.getlist("order"), set(request.form.getlist("shown"))
    key, _, way = request.form.get("move", "").partition(":")
    if key in keys:
        moved(keys, key, way)
    layouts.save(current_user, obj, role, [(key, request.form.get(f"heading.{key}", ""), key in shown) for key in keys])
    toast("Saved")
