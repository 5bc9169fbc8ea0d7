"""The handwritten forms of signing in, of links, and of the profile."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from prm.core import mail
from prm.core.errors import Invalid
from prm.core.passwords import LONGEST, SHORTEST
from prm.ui.forms import Form

HINT = f"At least {SHORTEST} characters. Three or four words are easy to remember."
NEW = {"autocomplete": "new-password", "minlength": SHORTEST, "maxlength": LONGEST}


def one_address(form, field) -> None:
    """A validator: the text is one mailbox."""
    try:
        mail.address(field.data or "")
    except Invalid as refusal:
        raise ValidationError(refusal.message) from None


class SignInForm(Form):
    email = EmailField(
        "E-mail", [InputRequired("Your address is needed.")], render_kw={"autocomplete": "username", "maxlength": 254}
    )
    password = PasswordField(
        "Password",
        [InputRequired("Your password is needed.")],
        render_kw={"autocomplete": "current-password", "maxlength": LONGEST},
    )
    next = HiddenField()


class CodeForm(Form):
    code = StringField(
        "Code",
        [InputRequired("The code is needed.")],
        description="Six digits from your app, or one of your recovery codes.",
        render_kw={"autocomplete": "one-time-code", "inputmode": "text", "maxlength": 20},
    )
    next = HiddenField()


class TurnOnForm(Form):
    code = StringField(
        "Code that the app shows",
        [InputRequired("The code is needed.")],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 10},
    )


class ConfirmForm(Form):
    password = PasswordField("Your password", [InputRequired("Needed to be sure it is you.")], render_kw={"autocomplete": "current-password"})


class ForgotForm(Form):
    email = EmailField(
        "E-mail",
        [InputRequired("Your address is needed."), one_address],
        render_kw={"autocomplete": "username", "maxlength": 254},
    )


class InviteForm(Form):
    name = StringField(
        "Your name",
        [InputRequired("A name is needed."), Length(max=200)],
        render_kw={"autocomplete": "name", "maxlength": 200},
    )
    password = PasswordField("Password", [InputRequired("Choose a password.")], description=HINT, render_kw=NEW)


class ResetForm(Form):
    password = PasswordField("New password", [InputRequired("Choose a password.")], description=HINT, render_kw=NEW)


class NameForm(Form):
    name = StringField(
        "Name",
        [InputRequired("A name is needed."), Length(max=200)],
        render_kw={"autocomplete": "name", "maxlength": 200},
    )


class ChangePasswordForm(Form):
    current = PasswordField(
        "Current password",
        [InputRequired("Needed to be sure it is you.")],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField("New password", [InputRequired("Choose a password.")], description=HINT, render_kw=NEW)
    again = PasswordField(
        "New password again",
        [EqualTo("password", "The two are not the same.")],
        render_kw={"autocomplete": "new-password"},
    )
