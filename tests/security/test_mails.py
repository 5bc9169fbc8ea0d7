"""Mails go to exactly one person, whatever is typed as an address, a name or a subject; and no key of a link is ever in a
log."""
import io
import re

import pytest

from prm.core import clock, mail
from prm.core.jobs import run_once
from prm.core.mail import Server
from prm.models import Contact, Job, Mail, Person
from tests.contracts.world import OWN
from tests.core.test_mail import Postbox, free_port
from tests.security.corpus import NO_MAILBOX

EVIL = "evil@evil.example"
NAMES = ("Ada\r\nBcc: evil@evil.example", "Ada\nTo: evil@evil.example", "Ada\r\n\r\nA second letter", "=?utf-8?q?Ada?=", "Ada <evil@evil.example>", "Ada\u2028Bcc: evil@evil.example", "Ada\x85Bcc: x", "{link} {password}")


@pytest.fixture(scope="module")
def postbox():
    from aiosmtpd.controller import Controller

    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, Server("127.0.0.1", controller.port)
    controller.stop()


@pytest.fixture
def sent(portal, postbox, monkeypatch):
    """`sent()` is what a real server has taken of what was posted."""
    box, server = postbox
    monkeypatch.setattr(mail, "_server", server)
    monkeypatch.setattr(mail, "_sender", "alongside@kestrel.example")
    box.taken.clear()

    def work():
        import prm.schedule

        prm.schedule.load()
        Job.update(done_at=clock.now()).where(Job.kind != "mail.send", Job.done_at.is_null()).execute()
        while run_once():
            pass
        return list(box.taken)

    return work


@pytest.mark.parametrize("address", NO_MAILBOX)
def test_what_is_no_mailbox_gets_no_mail_and_no_row(portal, sent, address):
    before = Mail.select().count(), Person.select().count()
    invited = portal.ask("sam", "/people/new", "POST", data={"name": "Ivo", "email": address, "role": "analyst"})
    contact = portal.ask("sam", f"/contacts/{OWN}/edit", "POST", data={"name": "Acme ada", "number": "Acm-C11", "partner": f"Acm-{OWN}", "email": address, "seen-version": "1"})
    portal.ask("nobody", "/forgot", "POST", data={"email": address})
    assert invited.status_code == 422, invited.status_code
    assert contact.status_code == 422 or not address.strip(), contact.status_code
    assert (Mail.select().count(), Person.select().count()) == before
    assert not Contact.select().where(Contact.email.contains("evil")).exists()
    assert sent() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_name_writes_no_header_and_no_second_letter(portal, sent, name):
    answer = portal.ask("sam", "/people/new", "POST", data={"name": name, "email": "ivo@kestrel.example", "role": "analyst"})
    if answer.status_code == 422:
        return
    [(recipients, letter)] = sent()
    assert recipients == ["ivo@kestrel.example"] and letter["To"] == "ivo@kestrel.example"
    assert not letter["Bcc"] and not letter["Cc"] and letter["From"] == "alongside@kestrel.example"
    assert len(letter.get_all("To")) == len(letter.get_all("Subject")) == 1
    text = letter.get_content()
    assert "\n\nA second letter" not in text and "\nBcc:" not in text and "\nTo:" not in text
    assert text.count("/i/") == 1


def test_an_organisation_with_line_breaks_in_its_name_writes_none_either(portal, sent):
    from prm.models import Organisation

    Organisation.update(name=f"Kestrel\r\nBcc: {EVIL}\r\n\r\nHello").execute()
    portal.ask("sam", "/people/new", "POST", data={"name": "Ivo", "email": "ivo@kestrel.example", "role": "analyst"})
    [(recipients, letter)] = sent()
    assert recipients == ["ivo@kestrel.example"] and not letter["Bcc"]
    assert "\nHello" not in letter.get_content()


# ── keys of links ──


def test_no_key_of_a_link_is_in_a_log_or_an_answer(tmp_path):
    """A real server, its own log: looked at, spent, wrong, too long, with errors on the way."""
    from tests.reliability.process import Server as Process
    from tests.reliability.web import Browser, filled

    server = Process(tmp_path / "var", PRM_DEBUG="1")
    server.prepare("""
        from prm.access.invites import add_staff
        from prm.models import Mail, Person
        sam = Person.get()
        for at in range(3):
            add_staff(sam, name="Ivo", email=f"ivo{at}@kestrel.example", role="analyst")
        import pathlib
        pathlib.Path(app.extensions["settings"].var, "links").write_text("\\n".join(m.link for m in Mail.select()))
    """)
    links = (tmp_path / "var" / "links").read_text().split()
    assert len(links) == 3
    server.start()
    try:
        browser = Browser(server.port)
        for link in links:
            path = re.sub(r"https?://[^/]+", "", link)
            assert browser.get(path).status == 200
            assert browser.post(path, {"password": "x"}).status in (400, 422)
            browser.get(f"{path}/nothing"), browser.get(f"{path}%00"), browser.get(path.replace("/i/", "/r/")), browser.post(f"{path}/again", {})
            elsewhere = browser.get("/sign-in", Referer=link)
            assert path.rpartition("/")[2] not in elsewhere.text + str(elsewhere.headers)
        path = re.sub(r"https?://[^/]+", "", links[0])
        spent = browser.post(path, filled(browser.form(path), name="Ivo", password="four loud yellow trains"))
        assert spent.status == 303 and path.rpartition("/")[2] not in spent.location
    finally:
        server.kill()
    said = server.log.read_bytes() + b"".join(p.read_bytes() for p in (tmp_path / "var").rglob("*.log"))
    assert not [link for link in links if link.rpartition("/")[2].encode() in said]
    stored = io.BytesIO(b"".join(p.read_bytes() for p in (tmp_path / "var").glob("prm.db*"))).getvalue()
    assert stored.count(links[1].rpartition("/")[2].encode()) >= 1, "the outbox alone has it, until it is sent or spent"
