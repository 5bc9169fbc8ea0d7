"""Setup's screens of portals."""
from __future__ import annotations

from flask import g, request, url_for
from flask import session as cookie
from flask_login import current_user
from wtforms.fields import SelectChoice

from prm.access import looking, rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.access.portals import Content
from prm.catalogue.fields import Field
from prm.catalogue.links import Links
from prm.catalogue.objects import DEAL_OBJECT
from prm.core.errors import Invalid, Missing
from prm.core.text import naturals
from prm.models import Organisation, Partner, Person, Portal, PortalPicture, Role, Tier
from prm.models.partner import STATUSES
from prm.models.person import PARTNER_SIDE
from prm.portals import applying, services
from prm.portals.blueprint import bp
from prm.portals.content import ENTRIES, PAGE, SECTIONS, TEMPLATES
from prm.portals.forms import ApplyForm, BrandForm, NewPortalForm, PageForm, PictureForm
from prm.portals.writing import written
from prm.ui.asked import moved
from prm.ui.entering import PREVIEW
from prm.ui.page import page, redirect_to, toast
from prm.ui.theme import readable

TABS = {"brand": "Brand", "navigation": "Menu and home", "pages": "Pages", "members": "Members", "apply": "Become a partner", "publish": "Publish"}
STATES = {"draft": ("Draft", "warn"), "live": ("Live", "good"), "paused": ("Paused", "bad")}
SHOWN = 50  # members in the list
PARTNER: Field = DEAL_OBJECT.field("partner")


@bp.get("/setup/portals/")
@needs(Do.SET_UP)
def index():
    found = list(rows.visible(Portal, current_user).order_by(Portal.id))
    counts = {portal.id: services.member_partners(Content.of(portal.draft)).count() for portal in found}
    return page("portals/index.html", portals=found, states=STATES, counts=counts)


@bp.route("/setup/portals/new", methods=["GET", "POST"])
@needs(Do.SET_UP)
def new():
    chosen = TEMPLATES.get(request.values.get("template", ""))
    form = NewPortalForm(data={"template": chosen.key if chosen else "", "name": Organisation.current().name})
    if form.saved(lambda values: services.make(current_user, **values), lambda portal: url_for("portals.show", id=portal.id)):
        toast("Made, as a draft that only staff see.")
        return redirect_to(form.outcome)
    return page("portals/new.html", templates=TEMPLATES.values(), chosen=chosen, form=form, entries=ENTRIES, sections=SECTIONS, status=form.status)


def _portal(id) -> Portal:
    return rows.get(Portal, current_user, id)


@bp.route("/setup/portals/<int:id>", methods=["GET", "POST"])
@needs(Do.SET_UP)
def show(id):
    """The brand, which is where one begins."""
    portal = _portal(id)
    form = BrandForm.of(portal)
    if form.saved(lambda values: services.brand(current_user, portal, values), lambda saved: url_for("portals.show", id=saved.id)):
        toast("Saved in the draft.")
        return redirect_to(form.outcome)
    ratio, nearest = readable(portal.draft.get("colour") or Organisation.current().brand)
    return page("portals/brand.html", **_around(portal, "brand"), form=form, ratio=ratio, nearest=nearest, status=form.status)


def _around(portal: Portal, tab: str) -> dict:
    """What every page of a portal shows."""
    content = Content.of(portal.draft)
    return {"portal": portal, "tab": tab, "tabs": TABS, "states": STATES, "content": content, "changes": services.changes(portal), "roles": PARTNER_SIDE}


@bp.route("/setup/portals/<int:id>/navigation", methods=["GET", "POST"])
@needs(Do.SET_UP)
def navigation(id):
    portal = _portal(id)
    if request.method == "POST":
        chosen = {}
        for what in ("menu", "home"):
            keys, shown = request.form.getlist(f"order.{what}"), set(request.form.getlist(what))
            place, _, way = request.form.get("move", "").partition("|")
            of, _, key = place.partition("/")
            if of == what and key in keys:
                moved(keys, key, way)
            chosen[what] = [key for key in keys if key in shown]
        services.order(current_user, portal, **chosen)
        toast("Saved in the draft.")
        return redirect_to(url_for("portals.navigation", id=id))
    content = Content.of(portal.draft)
    pages = {PAGE + each["slug"]: each["title"] for each in content.pages}
    return page("portals/navigation.html", **_around(portal, "navigation"), entries=_lines(content.menu, ENTRIES | pages), sections=_lines(content.home, SECTIONS))


def _lines(chosen: list[str], every: dict[str, str]) -> list[tuple[str, str, bool]]:
    """(key, label, whether it is chosen): the chosen ones in their order, then the others."""
    known = [key for key in chosen if key in every]
    return [(key, every[key], True) for key in known] + [(key, label, False) for key, label in every.items() if key not in known]


@bp.get("/setup/portals/<int:id>/pages")
@needs(Do.SET_UP)
def pages(id):
    return page("portals/pages.html", **_around(_portal(id), "pages"))


@bp.route("/setup/portals/<int:id>/pages/new", methods=["GET", "POST"])
@bp.route("/setup/portals/<int:id>/pages/<slug>", methods=["GET", "POST"])
@needs(Do.SET_UP)
def edit_page(id, slug=""):
    portal = _portal(id)
    entry = Content.of(portal.draft).page(slug)
    if slug and entry is None:
        raise Missing()
    form = PageForm(data=entry or {"title": "", "text": ""})
    if "look" in request.form:
        return _edit(portal, entry, form, written(form.text.data or ""))
    if form.saved(lambda values: services.save_page(current_user, portal, slug, values), lambda kept: url_for("portals.edit_page", id=id, slug=kept)):
        toast("Saved in the draft.")
        return redirect_to(form.outcome)
    return _edit(portal, entry, form, written((entry or {}).get("text", "")), status=form.status)


def _edit(portal, entry, form, html, status=200):
    pictures = list(rows.visible(PortalPicture, current_user).where(PortalPicture.portal == portal.id).order_by(PortalPicture.id.desc()))
    return page("portals/edit_page.html", portal=portal, entry=entry, form=form, html=html, pictures=pictures, picture=PictureForm(), status=status)


@bp.post("/setup/portals/<int:id>/pages/<slug>/remove")
@needs(Do.SET_UP)
def remove_page(id, slug):
    gone = services.drop_page(current_user, _portal(id), slug)
    toast(f"“{gone['title']}” is out of the draft. What is published stays until you publish.")
    return redirect_to(url_for("portals.pages", id=id))


@bp.post("/setup/portals/<int:id>/pictures")
@needs(Do.SET_UP)
def add_picture(id):
    portal, form = _portal(id), PictureForm()
    back = request.form.get("slug", "")
    to = url_for("portals.edit_page", id=id, slug=back) if Content.of(portal.draft).page(back) else url_for("portals.pages", id=id)
    if form.saved(lambda values: services.add_picture(current_user, portal, **values)):
        toast("There it is. Copy its line into the text.")
    else:
        raise Invalid(" ".join(form.errors.get("picture", [])) or form.refusal or "Choose a picture first.")
    return redirect_to(to)


@bp.route("/setup/portals/<int:id>/members", methods=["GET", "POST"])
@needs(Do.SET_UP)
def members(id):
    """The rule; with `count` only how many it would be, while one chooses."""
    portal, problem = _portal(id), ""
    content = Content.of(portal.draft)
    if request.method == "POST":
        try:
            given = _given(request.form)
            services.choose_members(current_user, portal, given)
            toast("Saved in the draft.")
            return redirect_to(url_for("portals.members", id=id))
        except Invalid as refusal:
            problem = refusal.message
    elif request.args.get("count"):
        try:
            content = Content.of(portal.draft | {"members": _given(request.args)})
        except Invalid as refusal:
            problem = refusal.message
    found = services.member_partners(content)
    types = rows.visible(Partner, current_user, Partner.type).where(Partner.type != "").distinct().order_by(Partner.type).limit(100)
    chosen = list(rows.visible(Partner, current_user).where(Partner.id.in_(content.members.get("partners") or [0])))
    return page(
        "portals/members.html", block="joined", **_around(portal, "members") | {"content": content}, problem=problem, status=422 if problem else 200, count=found.count(), found=list(found.limit(SHOWN)),
        statuses=STATUSES, tiers=list(rows.visible(Tier, current_user).order_by(Tier.position)), types=[t for (t,) in types.tuples()], chosen=chosen,
    )  # fmt: skip


def _given(sent) -> dict[str, list]:
    links = Links(current_user)
    lines = [line.strip() for line in sent.get("partners", "").splitlines() if line.strip()][:500]
    return {
        "statuses": sent.getlist("statuses"), "tiers": naturals(sent.getlist("tiers")),
        "types": sent.getlist("types"), "partners": [links.id_of(PARTNER, line) for line in lines],
    }  # fmt: skip


@bp.route("/setup/portals/<int:id>/apply", methods=["GET", "POST"])
@needs(Do.SET_UP)
def application_form(id):
    """The form for who wants to become a partner."""
    portal = _portal(id)
    kept = Content.of(portal.draft).apply
    form = ApplyForm(data={"open": kept.get("open", False), "intro": kept.get("intro", ""), "fields": kept.get("fields", [])})
    form.fields.choices = [SelectChoice(f.key, f.label) for f in applying.offered()]
    if form.saved(lambda values: services.ask_applicants(current_user, portal, values), lambda _: url_for("portals.application_form", id=id)):
        toast("Saved in the draft.")
        return redirect_to(form.outcome)
    return page("portals/apply.html", **_around(portal, "apply"), form=form, status=form.status)


@bp.get("/setup/portals/<int:id>/publish")
@needs(Do.SET_UP)
def publish(id):
    portal = _portal(id)
    content = Content.of(portal.draft)
    inside = services.member_partners(content)
    people = rows.visible(Person, current_user).where(Person.partner.in_(inside.select(Partner.id).order_by())).count()
    return page("portals/publish.html", **_around(portal, "publish"), versions=services.versions(current_user, portal), members=inside.count(), people=people)


@bp.post("/setup/portals/<int:id>/do/<any(publish, discard, pause, resume):do>")
@needs(Do.SET_UP)
def act(id, do):
    portal = _portal(id)
    if do == "publish":
        saved = services.publish(current_user, portal)
        toast(f"Published as version {saved.number}. Members see it from now on.")
    elif do == "discard":
        services.discard(current_user, portal)
        toast("The draft is what is published again.")
    else:
        services.pause(current_user, portal, do == "pause")
        toast("Paused: members see a plain page." if do == "pause" else "Live again.", undo=url_for("portals.act", id=id, do="resume" if do == "pause" else "pause"))
    return redirect_to(url_for("portals.publish", id=id))


@bp.post("/setup/portals/<int:id>/versions/<int:number>")
@needs(Do.SET_UP)
def roll_back(id, number):
    saved = services.roll_back(current_user, _portal(id), number)
    toast(f"Version {number} is in force again, as version {saved.number}.")
    return redirect_to(url_for("portals.publish", id=id))


@bp.post("/setup/portals/<int:id>/preview")
@needs(Do.SET_UP)
def preview(id):
    """Look at the draft as a member of this role: with the rows that person has."""
    portal, role = _portal(id), request.form.get("role", "")
    if role not in [each.value for each in PARTNER_SIDE]:
        raise Missing()
    who = services.somebody(Content.of(portal.draft), role)
    if who is None:
        raise Invalid(f"Among the members there is no {Role(role).label.lower()} yet. Enable a contact of a member partner first.")
    looking.begin(current_user, g.session_row, who)
    cookie[PREVIEW] = portal.id
    return redirect_to("/")
