"""The outbox: every mail with its state and what the server said; without a mail server it is read and sent by hand."""

from __future__ import annotations

from flask import request, url_for
from flask_login import current_user

from prm.access import rows
from prm.access.gate import needs
from prm.access.policy import Do
from prm.core import mail
from prm.models import Mail
from prm.ui.page import page, redirect_to, toast
from prm.ui.paging import paged

STATES = {
    "queued": "Queued",
    "sending": "Sending",
    "sent": "Sent",
    "refused": "Refused",
    "uncertain": "Uncertain",
    "given_up": "Given up",
}


@needs(Do.SEE_OUTBOX)
def outbox():
    found = rows.visible(Mail, current_user).order_by(Mail.id.desc())
    text, state = request.args.get("q", "").replace("\0", "").strip()[:200], request.args.get("state", "")
    if text:
        found = found.where(Mail.to.contains(text) | Mail.subject.contains(text))
    if state in STATES:
        found = found.where(Mail.state == state)
    return page(
        "setup/outbox.html",
        block="rows",
        table=paged(found, request.args, request.path),
        states=STATES,
        configured=mail.is_configured(),
        narrowed=bool(text or state),
    )


@needs(Do.SEE_OUTBOX)
def mail_page(id):
    found = rows.get(Mail, current_user, id)
    return page("setup/mail.html", mail=found, states=STATES, configured=mail.is_configured())


@needs(Do.SEE_OUTBOX)
def send_again(id):
    found = rows.get(Mail, current_user, id)
    mail.send_again(found)
    toast(
        "It is sent again, as soon as the mail server takes it."
        if mail.is_configured()
        else "It waits here: no mail server is set."
    )
    return redirect_to(url_for("setup.mail_page", id=id))
