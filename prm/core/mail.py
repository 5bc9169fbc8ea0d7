"""The outbox: every mail is a row first, in the transaction of the change that causes it, and then sent by a job.

No mail is lost silently, and at most one extra copy is sent, under the same Message-ID: a mail whose fate is unknown
twice is shown to a person instead of being sent for ever. Without an SMTP server mails stay readable here.
"""
from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from email_validator import validate_email
from peewee import CharField, IntegerField, IntegrityError, JSONField, TextField

from prm.core import bulk, clock, files
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
    html = TextField(default="")  # the same for those whose program shows it
    attachments = JSONField(null=True)  # [{"name", "type", "file": hash in the file store, "cid" where the HTML shows it}, …]
    leave = TextField(default="")  # the address that ends mails of this kind, for the button that mail programs have
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
    """One mailbox, normalised; Invalid for lists, display names, encoded words, line breaks and all that is not one."""
    text = str(text).strip()
    if any(c in text for c in "\r\n,;<>\"\x00") or "=?" in text or len(text) > 254:
        raise Invalid("That is not one e-mail address.", field="email")
    try:
        return validate_email(text, check_deliverability=False).normalized
    except ValueError:
        raise Invalid("That is not an e-mail address.", field="email") from None


def post(
    to: str, subject: str, text: str, *, link: str = "", key: str | None = None, partner: int | None = None,
    html: str = "", attachments: list[dict] | None = None, leave: str = "",
) -> Mail:  # fmt: skip
    """Queue a mail in the caller's transaction; with a `key`, once. Files of `attachments` are in the file store."""
    if key is not None and (known := Mail.get_or_none(Mail.key == key)):
        return known
    row = Mail(
        to=address(to), subject=_subject(subject), text=_clean(text), link=link, message_id=_message_id(), key=key, partner_id=partner,
        html=_clean(html), attachments=attachments, leave=leave,
    )  # fmt: skip
    try:
        with db.atomic():
            row.save(force_insert=True)
            if _server is not None:
                enqueue("mail.send", key=f"mail-{row.id}", mail=row.id)
    except IntegrityError:
        return Mail.get(Mail.key == key)  # somebody posted it in the same moment
    return row


@dataclass(frozen=True)
class Post:
    """A mail of many. Its key is not a choice: who posts many must be able to try again."""

    to: str
    subject: str
    text: str
    html: str
    link: str
    leave: str
    partner: int | None
    key: str


MANY = ("to", "subject", "text", "html", "link", "leave", "message_id", "state", "attempts", "unknown", "server_words", "partner_id", "key", "created_at")
JOB = ("kind", "key", "facts", "run_at", "attempts", "message", "progress", "total", "created_at")
GROUP = 200


def post_all(posts: list[Post], report: Callable[[int, int], None] = lambda done, total: None) -> dict[str, int]:
    """Queue many mails in the caller's transaction; returns their ids by key. Written in groups, so that memory stays flat."""
    now, found = clock.now(), {}
    for group in bulk.batches(iter(posts), GROUP):
        made = bulk.insert(Mail, MANY, [
            (address(p.to), _subject(p.subject), _clean(p.text), _clean(p.html), p.link, p.leave,
             _message_id(), "queued", 0, 0, "", p.partner, p.key, now) for p in group
        ], returning=("id", "key"))  # fmt: skip
        found |= {key: id for id, key in made}
        if _server is not None:
            bulk.insert(Job, JOB, [("mail.send", f"mail-{id}", {"mail": id}, now, 0, "", 0, 0, now) for id, _ in made])
        report(len(found), len(posts))
    return found


def _subject(text: str) -> str:
    """In one line, and as long as the column is."""
    return " ".join(_clean(text).split())[:200]


def _message_id() -> str:
    return make_msgid(domain=_sender.rpartition("@")[2] or "localhost")


def _clean(text: str) -> str:
    """What any database and any mail takes: no NUL, no halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def send_again(row: Mail) -> None:
    """A person asks for it: it starts anew, under the same Message-ID."""
    anew = {"state": "queued", "attempts": 0, "unknown": 0, "server_words": "", "next_at": None}
    with db.atomic():
        Mail.update(created_at=clock.now(), **anew).where(Mail.id == row.id).execute()
        if _server is not None:
            enqueue("mail.send", key=f"mail-{row.id}", mail=row.id)


class _InOneLine(UnstructuredHeader):
    """An address may be longer than a line has room; folded, it would be encoded, and no mail program would follow it."""

    def fold(self, *, policy):
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _InOneLine)
POLICY = policy.default.clone(header_factory=_headers)


def message(row: Mail) -> EmailMessage:
    mail = EmailMessage(POLICY)
    mail["From"], mail["To"], mail["Subject"] = _sender, _ascii(row.to), row.subject
    mail["Date"], mail["Message-ID"] = format_datetime(row.created_at), row.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if row.leave:
        mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"] = f"<{row.leave}>", "List-Unsubscribe=One-Click"  # RFC 8058
    mail.set_content(row.text)
    if row.html:
        mail.add_alternative(row.html, subtype="html")
    for each in row.attachments or ():
        _attach(mail, each)
    return mail


def _attach(mail: EmailMessage, part: dict) -> None:
    content = files.place(part["file"]).read_bytes()
    main, _, sub = part["type"].partition("/")
    if part.get("cid"):
        shown = next(each for each in mail.walk() if each.get_content_type() in ("text/html", "multipart/related"))
        shown.add_related(content, maintype=main, subtype=sub, cid=f"<{part['cid']}>")
    else:
        mail.add_attachment(content, maintype=main, subtype=sub, filename=part["name"])


def _ascii(mailbox: str) -> str:
    """The mailbox as every server takes it, where there is such a form: bob@xn--bcher-kva.example."""
    return validate_email(mailbox, check_deliverability=False).ascii_email or mailbox


@job("mail.send", attempts=1000)
def deliver(found: Job) -> dict | None:
    """Hand one mail to the server, and note what it said."""
    row = Mail.get_or_none(Mail.id == found.facts.get("mail"))
    if row is None or row.state not in ("queued", "sending") or _server is None:
        return None
    if row.state == "sending":
        if _elsewhere(found):
            return None
        row.unknown += 1  # a worker died in the middle: the server may have it
    if row.unknown > 1:
        return _note(row, "uncertain", "It is not known whether the server took this mail. Send it again if in doubt.")
    return _attempt(row, _server) if _taken(row) else None


def _elsewhere(found: Job) -> bool:
    """Whether another worker is sending this mail, and alive."""
    same = (Job.kind == found.kind) & (Job.key == found.key) & (Job.id != found.id)
    return Job.select().where(same & Job.done_at.is_null() & (Job.lease_until > clock.now())).exists()


def _taken(row: Mail) -> bool:
    """True for one worker: the row must be as it was read."""
    unchanged = (Mail.id == row.id) & (Mail.state == row.state) & (Mail.attempts == row.attempts)
    row.attempts += 1
    taken = Mail.update(state="sending", attempts=row.attempts, unknown=row.unknown)
    return taken.where(unchanged).execute() == 1


def _attempt(row: Mail, server: Server) -> dict | None:
    try:
        written = message(row)
    except (OSError, ValueError) as error:  # a file of it is gone
        return _note(row, "refused", f"This mail cannot be written: {error}")
    try:
        smtp = _connected(server)
    except (OSError, ValueError) as error:  # nothing was said about the mail yet: whatever it is, it may pass
        return _later(row, _words(error))
    try:
        smtp.send_message(written, from_addr=_sender, to_addrs=[_ascii(row.to)])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as refusal:
        return _refused(row, refusal)
    except OSError as error:
        return _unclear(row, _words(error)) if smtp.handed_over else _later(row, _words(error))
    except ValueError as error:
        return _note(row, "refused", f"This mail cannot be written: {error}")
    finally:
        _leave(smtp)
    return _note(row, "sent", "", sent_at=clock.now())


class _Watched:
    """Knows since when the server may have the mail."""

    handed_over = False

    def data(self, msg):
        self.handed_over = True
        return super().data(msg)


class _Plain(_Watched, smtplib.SMTP):
    pass


class _Sealed(_Watched, smtplib.SMTP_SSL):
    pass


def _connected(server: Server) -> _Plain | _Sealed:
    """A connection on which the server listens to us. Its certificate is checked: what we send are keys."""
    trusted = ssl.create_default_context()
    if server.security == "tls":
        smtp = _Sealed(server.host, server.port, timeout=TIMEOUT, context=trusted)
    else:
        smtp = _Plain(server.host, server.port, timeout=TIMEOUT)
    try:
        if server.security == "starttls":
            smtp.starttls(context=trusted)
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def try_server() -> str:
    """What is wrong with the mail server, in its words; nothing when it listens to us."""
    try:
        smtp = _connected(_server)
        try:
            smtp.ehlo_or_helo_if_needed()
            code, said = smtp.noop()
        finally:
            _leave(smtp)
    except (OSError, ValueError) as error:
        return _words(error)
    return "" if code == 250 else f"{code} {said.decode('utf-8', 'replace')}"


def _leave(smtp: smtplib.SMTP) -> None:
    """What the server says to a goodbye changes nothing: it has answered for the mail before."""
    try:
        smtp.quit()
    except OSError:
        smtp.close()


def _refused(row: Mail, refusal: smtplib.SMTPException) -> dict | None:
    said = _words(refusal)
    return _later(row, said) if said.startswith("4") else _note(row, "refused", said)


def _words(error: Exception) -> str:
    """What the server said, with its code, or what the connection met."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        return str(error) or type(error).__name__
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"


def _unclear(row: Mail, words: str) -> dict | None:
    """The connection broke after the mail was handed over: once it is sent again, twice a person decides."""
    row.unknown += 1
    if row.unknown > 1:
        said = f"It is not known whether the server took this mail: {words}"
        return _note(row, "uncertain", said, unknown=row.unknown)
    return _later(row, words)


def _later(row: Mail, words: str) -> dict | None:
    """Try again after a growing pause, a last time 24 hours after the first; then give up."""
    now, last = clock.now(), row.created_at + PATIENCE
    if now >= last:
        return _note(row, "given_up", words)
    next_at = min(last, now + timedelta(seconds=PAUSES[min(row.attempts, len(PAUSES)) - 1]))
    with db.atomic():
        enqueue("mail.send", key=f"mail-{row.id}", run_at=next_at, mail=row.id)
        return _note(row, "queued", words, next_at=next_at, unknown=row.unknown)


def _note(row: Mail, state: str, words: str, **more) -> dict:
    noted = {"state": state, "server_words": _clean(words)[:1000], "next_at": None} | more
    Mail.update(**noted).where(Mail.id == row.id).execute()
    return {"state": state}
