"""The outbox: every mail is a row first, in the transaction of the change that causes it, and then sent by a job.

No mail is lost silently, and at most one extra copy is sent, under the same Message-ID: a mail whose fate is unknown
twice is shown to a person instead of being sent for ever. Without an SMTP server mails stay readable here.
"""
from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from email_validator import EmailNotValidError, validate_email
from peewee import CharField, IntegerField, TextField

from prm.core import clock
from prm.core.db import Moment, Table, created, db
from prm.core.errors import Invalid
from prm.core.jobs import Job, enqueue, job

PAUSES = (60, 300, 900, 3600, 3 * 3600, 6 * 3600)
PATIENCE = timedelta(hours=24)
TIMEOUT = 20


class Mail(Table):
    """`state`: queued, sending, sent, refused (by the server, with its words), uncertain, given_up."""

    to = CharField(254)
    subject = CharField(200)
    text = TextField()
    link = TextField(default="")
    message_id = CharField(200, unique=True)
    state = CharField(10, default="queued", index=True)
    attempts = IntegerField(default=0)
    unknown = IntegerField(default=0)  # how often nobody could tell whether the server took it
    server_words = TextField(default="")
    partner_id = IntegerField(null=True)
    key = CharField(120, null=True, unique=True)
    created_at = created()
    sent_at = Moment(null=True)
    next_at = Moment(null=True)


@dataclass(frozen=True)
class Server:
    """Where mails go. `security`: "", "starttls" or "tls"."""

    host: str
    port: int = 25
    user: str = ""
    password: str = ""
    security: str = ""


_server: Server | None = None
_sender = "alongside@localhost"


def configure(server: Server | None, sender: str = "") -> None:
    global _server, _sender
    _server, _sender = server, sender or _sender


def is_configured() -> bool:
    return _server is not None


def address(text: str) -> str:
    """One mailbox, normalised; Invalid for lists, display names, line breaks and anything else that is not one."""
    text = str(text).strip()
    if any(c in text for c in "\r\n,;<>\"\x00") or len(text) > 254:
        raise Invalid("That is not one e-mail address.", field="email")
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid("That is not an e-mail address.", field="email") from None


def post(to: str, subject: str, text: str, *, link: str = "", key: str | None = None, partner: int | None = None) -> Mail:
    """Queue a mail in the caller's transaction; with a `key`, once."""
    if key is not None and (known := Mail.get_or_none(Mail.key == key)):
        return known
    domain = _sender.rpartition("@")[2] or "localhost"
    row = Mail.create(
        to=address(to), subject=" ".join(subject.split())[:200], text=text, link=link,
        message_id=make_msgid(domain=domain), key=key, partner_id=partner,
    )  # fmt: skip
    if _server is not None:
        enqueue("mail.send", key=f"mail-{row.id}", mail=row.id)
    return row


def send_again(row: Mail) -> None:
    """A person asks for it: it starts anew, under the same Message-ID."""
    with db.atomic():
        Mail.update(state="queued", attempts=0, unknown=0, server_words="", created_at=clock.now()).where(
            Mail.id == row.id
        ).execute()
        enqueue("mail.send", key=f"mail-{row.id}", mail=row.id)


def message(row: Mail) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = _sender, row.to, row.subject
    mail["Date"], mail["Message-ID"] = format_datetime(row.created_at), row.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(row.text)
    return mail


@job("mail.send", attempts=1000)
def deliver(found: Job) -> dict | None:
    """Hand one mail to the server, and note what it said."""
    row = Mail.get_or_none(Mail.id == found.facts.get("mail"))
    if row is None or row.state not in ("queued", "sending") or _server is None:
        return None
    if row.state == "sending":  # a worker died in the middle: the server may have it
        row.unknown += 1
        if row.unknown > 1:
            return _note(row, "uncertain", "It is not known whether the server took this mail. Send it again if in doubt.")
    Mail.update(state="sending", attempts=row.attempts + 1, unknown=row.unknown).where(Mail.id == row.id).execute()
    row.attempts += 1
    return _attempt(row)


def _attempt(row: Mail) -> dict | None:
    try:
        _hand_over(row)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        return _refused(row, code, words)
    except smtplib.SMTPResponseException as refusal:
        return _refused(row, refusal.smtp_code, refusal.smtp_error)
    except smtplib.SMTPServerDisconnected as error:
        row.unknown += 1
        if row.unknown > 1:
            return _note(row, "uncertain", f"The connection broke: {error}")
        return _later(row, str(error))
    except OSError as error:
        return _later(row, str(error))
    return _note(row, "sent", "", sent_at=clock.now())


def _hand_over(row: Mail) -> None:
    assert _server is not None
    connect = smtplib.SMTP_SSL if _server.security == "tls" else smtplib.SMTP
    with connect(_server.host, _server.port, timeout=TIMEOUT) as smtp:
        if _server.security == "starttls":
            smtp.starttls()
        if _server.user:
            smtp.login(_server.user, _server.password)
        smtp.send_message(message(row), from_addr=_sender, to_addrs=[row.to])


def _refused(row: Mail, code: int, words: bytes | str) -> dict | None:
    said = f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    return _later(row, said) if 400 <= code < 500 else _note(row, "refused", said)


def _later(row: Mail, words: str) -> dict | None:
    """Try again after a growing pause; after 24 hours give up."""
    now = clock.now()
    if now - row.created_at >= PATIENCE:
        return _note(row, "given_up", words)
    next_at = now + timedelta(seconds=PAUSES[min(row.attempts, len(PAUSES)) - 1])
    with db.atomic():
        _note(row, "queued", words, next_at=next_at, unknown=row.unknown)
        enqueue("mail.send", key=f"mail-{row.id}", run_at=next_at, mail=row.id)
    return None


def _note(row: Mail, state: str, words: str, **more) -> dict:
    Mail.update(state=state, server_words=words[:1000], **more).where(Mail.id == row.id).execute()
    return {"state": state}
