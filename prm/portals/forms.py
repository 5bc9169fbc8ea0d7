"""The forms of portals."""
from __future__ import annotations

from typing import Any

from wtforms import BooleanField, EmailField, FileField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from prm.core import images
from prm.models import Organisation, Portal
from prm.portals import services
from prm.ui.forms import Form

QUIET = {"autocomplete": "off"}
PICTURES = {"accept": "image/png,image/jpeg,image/webp"}


class NewPortalForm(Form):
    template = HiddenField()
    name = StringField("Name", [InputRequired("A name is needed."), Length(max=80)], description="What partners see: your programme, or your company.", render_kw=QUIET)

    def values(self) -> dict[str, Any]:
        return {"template": self.template.data or "", "name": self.name.data}


class BrandForm(Form):
    name = StringField("Name", [InputRequired("A name is needed."), Length(max=80)], render_kw=QUIET)
    slug = StringField("Address", [Length(max=40)], description="Small letters, digits and dashes: /p/gold-partners/. It changes at once, also when live.", render_kw=QUIET)
    host = StringField("Host name of its own", [Length(max=200)], description="Optional. Point the name here, and add it to PRM_TRUSTED_HOSTS.", render_kw=QUIET)
    colour = StringField("Colour", render_kw={"type": "color"})
    welcome = TextAreaField("Welcome text", [Length(max=2000)], description="Stands on the home page. Markdown.", render_kw={"rows": 3})
    logo = FileField("Logo", description="PNG, JPEG or WebP, at most 200 KB.", render_kw=PICTURES)
    no_logo = BooleanField("Take the logo away")
    cover = FileField("Cover picture", description="Stands above the welcome text, at most 600 KB.", render_kw=PICTURES)
    no_cover = BooleanField("Take the cover picture away")

    @classmethod
    def of(cls, portal: Portal) -> BrandForm:
        kept = {key: portal.draft.get(key, "") for key in ("name", "colour", "welcome")}
        return cls(data=kept | {"slug": portal.slug, "host": portal.host or "", "colour": kept["colour"] or Organisation.current().brand})

    def values(self) -> dict[str, Any]:
        given = {name: self[name].data for name in ("name", "slug", "host", "colour", "welcome", "no_logo", "no_cover")}
        for name, largest in (("logo", images.LARGEST), ("cover", services.COVER)):
            given[name] = self[name].data.read(largest + 1) if self[name].data else b""
        return given


class PageForm(Form):
    title = StringField("Title", [InputRequired("A title is needed."), Length(max=80)], render_kw=QUIET)
    text = TextAreaField("Text", description="Markdown: ## heading, - list, **bold**, [link](https://…).", render_kw={"rows": 18, "spellcheck": "true"})


class ApplicantForm(Form):
    """Who applies: names that no field of a partner has. `your_nickname` is seen by nobody, so that only a program fills it; `your_start`
    says when the form went out."""

    your_name = StringField("Your name", [InputRequired("Your name is needed."), Length(max=200)], render_kw={"autocomplete": "name"})
    your_email = EmailField("Your e-mail", [InputRequired("Your address is needed: the answer goes there."), Length(max=254)], render_kw={"autocomplete": "email"})
    your_message = TextAreaField("What would you like us to know?", [Length(max=2000)], render_kw={"rows": 4})
    your_nickname = StringField("Leave this empty", render_kw={"autocomplete": "off", "tabindex": "-1"})
    your_start = HiddenField()


class ApplyForm(Form):
    """What the form of a portal asks for."""

    open = BooleanField("Whoever wants to can apply", description="The form is public, at the portal's address.")
    intro = TextAreaField("What stands above it", [Length(max=2000)], description="Markdown.", render_kw={"rows": 3})
    fields = SelectMultipleField("Asked of the company, besides its name", validate_choice=False)


class AcceptForm(Form):
    seen = HiddenField()
    manager = SelectField("Channel manager")
    tier = SelectField("Tier")

    def values(self) -> dict[str, Any]:
        return {"seen": self.seen.data or ""} | {name: int(self[name].data) if (self[name].data or "").isdigit() else None for name in ("manager", "tier")}


class DeclineForm(Form):
    seen = HiddenField()
    reason = TextAreaField("Reason", description="They read it, word for word.", render_kw={"rows": 3})


class PictureForm(Form):
    picture = FileField("Picture", description="PNG, JPEG or WebP, at most 2 MB.", render_kw=PICTURES)

    def values(self) -> dict[str, Any]:
        file = self.picture.data
        return {"name": getattr(file, "filename", "") or "", "data": file.read(services.PICTURE + 1) if file else b""}
