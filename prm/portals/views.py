"""The partner's side of a portal: its address, its own pages and their pictures, the switch."""
from __future__ import annotations

from flask import current_app, g, request, send_file, url_for
from flask import session as cookie
from flask_login import current_user

from prm.access.gate import needs, public
from prm.access.policy import Do, may
from prm.access.portals import Content, fits, open_portals
from prm.access.system import SYSTEM
from prm.core import files
from prm.core.errors import Missing
from prm.portals import applying, reviewing, services, setup
from prm.portals.blueprint import bp
from prm.portals.forms import ApplicantForm
from prm.portals.writing import written
from prm.ui.entering import CHOSEN, wear
from prm.ui.forms import form_for
from prm.ui.page import page, redirect_to
from prm.ui.portal import Here, here



def _open(slug: str):
    found = next((portal for portal in open_portals() if portal.slug == slug), None)
    if found is None:
        raise Missing()
    return found


@bp.route("/p/<slug>/", methods=["GET", "POST"])
@public
def enter(slug):
    """The portal's own address: its sign-in page for a visitor, its home for a member. Whoever is no member finds nothing."""
    if current_user.is_authenticated and current_user.is_staff:
        return redirect_to(url_for("portals.show", id=services.by_slug(current_user, slug).id) if may(current_user, Do.SET_UP) else "/")
    portal = _open(slug)
    content = Content.of(portal.published)
    if current_user.is_authenticated:
        if not fits(content, current_user.partner):
            raise Missing()
        cookie[CHOSEN] = slug
        return redirect_to("/")
    wear(Here(portal, content))
    if portal.state == "paused":
        return page("portals/paused.html", status=503)
    answer = current_app.view_functions["accounts.sign_in"]()
    cookie[CHOSEN] = slug  # after signing in, which begins a new cookie
    return answer


@bp.route("/p/<slug>/apply", methods=["GET", "POST"])
@public
def apply(slug):
    """Become a partner. What a program sends gets the same thanks, and is kept nowhere."""
    portal = _open(slug)
    content = Content.of(portal.published)
    if portal.state != "live" or not content.apply.get("open"):
        raise Missing()
    wear(Here(portal, content))
    secret = current_app.config["SECRET_KEY"]
    company = form_for("partner", SYSTEM, only=applying.asked(content))
    company["name"].label.text = "Your company"
    form = ApplicantForm(data={"your_start": applying.stamp(secret)})
    if request.args.get("sent"):
        return page("portals/applied.html")
    if form.is_submitted():
        fits = company.validate()
        if form.your_nickname.data:
            return redirect_to(url_for("portals.apply", slug=slug, sent=1))
        if fits and form.saved(lambda values: _applied(portal, company.values(), values, secret)):
            return redirect_to(url_for("portals.apply", slug=slug, sent=1))
        form.your_start.data = applying.stamp(secret) if form.refusal else form.your_start.data
    status = 422 if form.is_submitted() else 200
    return page("portals/become.html", portal=portal, content=content, company=company, form=form, status=status)


def _applied(portal, company: dict, values: dict, secret: str):
    applying.check_pace(secret, values["your_start"] or "")
    return applying.apply(portal, company, name=values["your_name"], email=values["your_email"], message=values["your_message"] or "", address=request.remote_addr or "")


@bp.post("/portal")
@needs(Do.SEE_HOME)
def choose():
    """Into another of one's portals."""
    wanted = request.form.get("slug", "")
    found = g.get("portal")
    if found is None or wanted not in {portal.slug for portal in found.others}:
        raise Missing()
    cookie[CHOSEN] = wanted
    return redirect_to("/")


@bp.get("/pages/<slug>")
@needs(Do.SEE_HOME)
def own_page(slug):
    found = here()
    entry = found.content.page(slug) if found else None
    if entry is None:
        raise Missing()
    return page("portals/page.html", entry=entry, html=written(entry["text"]))


@bp.get("/pages/pictures/<int:id>")
@needs(Do.SEE_HOME)
def picture(id):
    """Of the portal that one is in; staff see those of every portal."""
    found = here()
    row = services.picture_of(current_user, id, *((found.portal, found.content) if found else (None, None)))
    return send_file(files.place(row.file), mimetype=row.kind)


__all__ = ["bp", "reviewing", "setup"]
