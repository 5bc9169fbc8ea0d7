"""The outbox against a real mail server: what it takes, refuses, puts off, and what becomes of it when anybody dies."""
import socket
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from prm.core import clock, jobs, mail
from prm.core.db import db
from prm.core.errors import Invalid
from prm.core.jobs import Job, run_once
from prm.core.mail import Mail, Server, post, send_again


class Postbox:
    """A mail server that answers as the test says, and keeps what it took."""

    def __init__(self):
        self.taken, self.answers, self.breaks = [], {}, set()

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self._answer(server, "MAIL")

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return self._answer(server, "RCPT")

    async def handle_DATA(self, server, session, envelope):
        if "DATA" not in self.answers:
            self.taken.append((envelope.rcpt_tos, _read(envelope.content)))
        return self._answer(server, "DATA")

    async def handle_QUIT(self, server, session, envelope):
        return self._answer(server, "QUIT") if "QUIT" in self.answers else "221 Bye"

    def _answer(self, server, word):
        if word in self.breaks:
            server.transport.abort()
        return self.answers.get(word, "250 OK")


def _read(content: bytes):
    return message_from_bytes(content.replace(b"\r\n", b"\n"), policy=policy.default)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def postbox(monkeypatch):
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setattr(mail, "_server", Server("127.0.0.1", controller.port))
    monkeypatch.setattr(mail, "_sender", "alongside@kestrel.example")
    yield box
    controller.stop()


def send(**more) -> Mail:
    with db.atomic():
        return post("ada@acme.example", "Welcome", "Hello Ada,\n\nhere is your link.\n", **more)


def fresh(row: Mail) -> Mail:
    return Mail.get_by_id(row.id)


def work() -> None:
    while run_once():
        pass


def test_a_mail_is_taken_once_as_it_was_written(database, postbox):
    row = send()
    work()
    [(recipients, got)] = postbox.taken
    assert recipients == ["ada@acme.example"]
    assert (got["From"], got["To"], got["Subject"]) == ("alongside@kestrel.example", "ada@acme.example", "Welcome")
    assert got["Message-ID"] == row.message_id and got["Auto-Submitted"] == "auto-generated"
    assert got.get_content() == row.text
    assert fresh(row).state == "sent" and fresh(row).sent_at is not None


def test_letters_and_domains_of_the_world_arrive(database, postbox):
    row = post("bob@bücher.example", "Glückwunsch – 100 €", "Schöne Grüße\nhttps://portal.example/i/" + "x" * 90)
    work()
    [(recipients, got)] = postbox.taken
    assert recipients == ["bob@xn--bcher-kva.example"]
    assert (got["Subject"], got.get_content().strip()) == ("Glückwunsch – 100 €", row.text)


def test_a_mail_of_a_change_that_fails_is_never_sent(database, postbox):
    with pytest.raises(RuntimeError), db.atomic():
        send()
        raise RuntimeError
    work()
    assert postbox.taken == [] and Mail.select().count() == 0


def test_a_mail_with_a_key_is_posted_once(database, postbox, together):
    ids = together(8, lambda _: send(key="reminder-1").id)
    work()
    assert len(set(ids)) == 1 == len(postbox.taken)


def test_two_workers_do_not_send_one_mail_twice(database, postbox, together):
    row = send()
    for _ in range(7):
        Job.create(kind="mail.send", key=f"mail-{row.id}", facts={"mail": row.id})
    together(8, lambda _: run_once())
    assert len(postbox.taken) == 1


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_is_kept_with_the_words_of_the_server(sqlite, postbox, word):
    postbox.answers[word] = "550 5.1.1 No such person here"
    row = send()
    work()
    assert (fresh(row).state, fresh(row).server_words) == ("refused", "550 5.1.1 No such person here")
    assert Job.select().where(Job.done_at.is_null()).count() == 0


def test_what_is_put_off_is_tried_again_with_growing_pauses_and_given_up_after_a_day(database, postbox):
    postbox.answers["RCPT"] = "451 4.7.1 Greylisted"
    with time_machine.travel(clock.now(), tick=False) as traveller:
        row, begun, pauses = send(), clock.now(), []
        work()
        while (now := fresh(row)).state == "queued":
            pauses.append((now.next_at - clock.now()).total_seconds())
            traveller.move_to(now.next_at)
            work()
        assert pauses == [60, 300, 900, 3600, 10800, 21600, 21600, 21600, 5940]
        assert clock.now() - begun == timedelta(hours=24)
    assert (now.state, now.server_words, now.message_id) == ("given_up", "451 4.7.1 Greylisted", row.message_id)
    assert postbox.taken == []


def test_a_mail_that_was_put_off_arrives_later_under_the_same_id(database, postbox):
    postbox.answers["DATA"] = "452 4.2.2 The box is full"
    row = send()
    work()
    postbox.answers.clear()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        work()
    assert [got["Message-ID"] for _, got in postbox.taken] == [row.message_id]
    assert (fresh(row).state, fresh(row).attempts, fresh(row).next_at) == ("sent", 2, None)


@pytest.mark.parametrize(
    "server",
    [
        Server("127.0.0.1", 1),  # nobody listens
        Server("no-such-host.invalid", 25),
        Server("127.0.0.1", 0, security="starttls"),  # offers no encryption
        Server("127.0.0.1", 0, security="tls"),
        Server("127.0.0.1", 0, user="me", password="secret"),  # knows no users
    ],
    ids=["closed", "unknown", "starttls", "tls", "login"],
)
def test_a_server_that_cannot_be_used_is_no_fault_of_the_mail(sqlite, postbox, monkeypatch, server):
    port = server.port or mail._server.port
    monkeypatch.setattr(mail, "_server", Server(server.host, port, server.user, server.password, server.security))
    row = send()
    work()
    assert fresh(row).state == "queued" and fresh(row).server_words
    assert fresh(row).next_at > clock.now() and postbox.taken == []


def test_a_wrong_password_is_no_fault_of_the_mail(sqlite, monkeypatch):
    nobody = {"authenticator": lambda *_: AuthResult(success=False, handled=False), "auth_require_tls": False}
    controller = Controller(Postbox(), hostname="127.0.0.1", port=free_port(), **nobody)
    controller.start()
    monkeypatch.setattr(mail, "_server", Server("127.0.0.1", controller.port, "me", "wrong"))
    row = send()
    work()
    controller.stop()
    assert (fresh(row).state, fresh(row).server_words) == ("queued", "535 5.7.8 Authentication credentials invalid")


def test_a_connection_that_breaks_before_the_mail_was_handed_over_leaves_nothing_open(sqlite, postbox):
    postbox.breaks.add("RCPT")
    row = send()
    work()
    assert (fresh(row).state, fresh(row).unknown) == ("queued", 0)


def test_a_connection_that_breaks_after_it_costs_one_copy_at_most_and_is_shown(database, postbox):
    postbox.breaks.add("DATA")
    row = send()
    work()
    assert (fresh(row).state, fresh(row).unknown) == ("queued", 1)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        work()
    assert fresh(row).state == "uncertain" and "not known" in fresh(row).server_words
    with time_machine.travel(clock.now() + timedelta(days=1)):
        work()
    assert {got["Message-ID"] for _, got in postbox.taken} == {row.message_id} and len(postbox.taken) == 2


def test_a_mail_is_sent_although_the_goodbye_goes_wrong(sqlite, postbox):
    postbox.answers["QUIT"] = "421 Shutting down"
    row = send()
    work()
    assert fresh(row).state == "sent" and len(postbox.taken) == 1


def test_a_worker_that_dies_while_sending_costs_one_copy_at_most(database, postbox):
    row, states = send(), []
    for _ in range(3):
        Mail.update(state="sending").execute()  # as a killed worker leaves it
        jobs.enqueue("mail.send", mail=row.id)
        work()
        states.append(fresh(row).state)
        if states[-1] == "sent":
            Mail.update(state="sending").execute()
    assert states == ["sent", "uncertain", "uncertain"]
    assert len(postbox.taken) == 1


def test_a_person_sends_an_uncertain_mail_again_under_the_same_id(sqlite, postbox):
    row = send()
    Mail.update(state="uncertain", unknown=2, attempts=3).execute()
    Job.delete().execute()
    send_again(row)
    work()
    assert fresh(row).state == "sent"
    assert [got["Message-ID"] for _, got in postbox.taken] == [row.message_id]


def test_sending_again_does_not_wait_for_the_next_try(sqlite, postbox):
    postbox.answers["RCPT"] = "451 Later"
    row = send()
    work()
    postbox.answers.clear()
    send_again(row)
    work()
    assert fresh(row).state == "sent" and len(postbox.taken) == 1


def test_without_a_server_mails_stay_readable(database, monkeypatch):
    monkeypatch.setattr(mail, "_server", None)
    row = send(link="https://portal.example/i/abc")
    work()
    send_again(row)
    assert not mail.is_configured()
    assert (fresh(row).state, fresh(row).link) == ("queued", "https://portal.example/i/abc")
    assert Job.select().count() == 0


TRICKS = [
    "", " ", "ada", "@", "ada@", "@acme.example", "ada@acme", "ada@localhost", "ada@[127.0.0.1]", "ada@acme..example",
    "ada@acme.example, eve@evil.example", "ada@acme.example,eve@evil.example", "ada@acme.example;eve@evil.example",
    "ada@acme.example eve@evil.example", "ada@acme.example\nBcc: eve@evil.example", "ada@acme.example\r\n",
    "ada@acme.example\r\n.\r\n", "ada@acme.example\x0bBcc: eve@evil.example",
    "ada@acme.example\u2028Bcc: x@evil.example",
    "ada@acme.example%0ABcc:eve@evil.example\n", "Ada <ada@acme.example>", "<ada@acme.example>",
    '"Ada" ada@acme.example',
    '"ada,eve"@acme.example', "ada@acme.example(eve@evil.example)", "(eve@evil.example)ada@acme.example",
    "=?utf-8?q?ada=40acme.example=2Ceve?=@evil.example", "ada@acme.example\0", "ada\0@acme.example",
    "ada@acme.example\ud800",
    "\ud800@acme.example", "a@b@c.example", "group: ada@acme.example", "mailto:ada@acme.example, x",
    "a" * 60 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + "." + "e" * 60 + ".example", "ada@-acme.example",
    ".ada@acme.example", "ada@acme.example.", "ada@аcme.example\u200b",
]  # fmt: skip


@pytest.mark.parametrize("text", [t for t in TRICKS if t.strip() != "ada@acme.example"], ids=ascii)
def test_what_is_not_exactly_one_mailbox_is_refused(sqlite, text):
    with pytest.raises(Invalid):
        post(text, "Hello", "…")
    assert Mail.select().count() == 0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" ada@acme.example\r\n", "ada@acme.example"),
        ("Ada@ACME.example", "Ada@acme.example"),
        ("o'brien+x@acme.example", "o'brien+x@acme.example"),
    ],
)
def test_one_mailbox_is_kept_as_it_is_written(text, kept):
    assert mail.address(text) == kept


def test_a_subject_and_a_text_cannot_break_out(database, postbox):
    row = post("ada@acme.example", "Hello\r\nBcc: eve@evil.example\0\ud800", "Line\r\n.\r\nMAIL FROM:<x>\0\ud800")
    work()
    [(recipients, got)] = postbox.taken
    assert recipients == ["ada@acme.example"] and got["Bcc"] is None
    assert got["Subject"] == "Hello Bcc: eve@evil.example?"
    assert got.get_content().splitlines() == ["Line", ".", "MAIL FROM:<x>?"]
    assert fresh(row).state == "sent"


def test_posting_does_not_wait_for_the_server(sqlite, postbox, monkeypatch):
    monkeypatch.setattr(mail, "_server", Server("10.255.255.1", 25))
    before = clock.now()
    send()
    assert clock.now() - before < timedelta(seconds=0.3)
