"""One's own API tokens: made, shown once, revoked."""

from __future__ import annotations

from flask import url_for
from flask_login import current_user
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from prm.access import tokens
from prm.access.gate import needs
from prm.access.policy import Do
from prm.ui.forms import Form, pairs
from prm.ui.page import page, redirect_to, toast


class TokenForm(Form):
    name = StringField("What uses it", [InputRequired("A name is needed, such as what uses it."), Length(max=80)], render_kw={"autocomplete": "off"})
    scope = SelectField("It may", choices=pairs(tokens.SCOPES), default="read")
    days = SelectField("It lasts", choices=pairs({str(days): label for days, label in tokens.LASTS.items()}), default="90")

    def values(self) -> dict:
        return {"name": self.name.data, "scope": self.scope.data, "days": int(self.days.data)}


@needs(Do.KEEP_OWN_PROFILE)
def index():
    """The key of a new one is on this page, and nowhere ever after."""
    form = TokenForm()
    if form.saved(lambda values: tokens.make(current_user, **values)):
        if form.result is None:  # the same form, sent again
            return redirect_to(url_for("accounts.tokens"))
        row, key = form.result
        return page("accounts/tokens.html", form=TokenForm(formdata=None), tokens=tokens.of(current_user), made=row, key=key, scopes=tokens.SCOPES)
    return page("accounts/tokens.html", form=form, tokens=tokens.of(current_user), made=None, key="", scopes=tokens.SCOPES, status=form.status)


@needs(Do.KEEP_OWN_PROFILE)
def revoke(id):
    row = tokens.revoke(current_user, id)
    toast(f"“{row.name}” is worth nothing from now on.")
    return redirect_to(url_for("accounts.tokens"))
