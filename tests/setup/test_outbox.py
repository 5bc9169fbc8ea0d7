"""The outbox: what became of each mail, and its link to copy when there is no mail server."""
import pytest

from prm.access import invites
from prm.core import mail
from prm.models import Job, Mail, Role


@pytest.fixture
def admin(sign_in, sam):
    invites.add_staff(sam, name="Nora Voss", email="nora@kestrel.example", role=Role.ANALYST)
    return sign_in(sam)


def test_it_lists_mails_and_says_that_they_wait_here(admin):
    page = admin.get("/setup/outbox").text
    assert "nora@kestrel.example" in page and "Queued" in page
    assert "No mail server is set" in page


def test_a_mail_is_read_and_its_link_copied(admin):
    found = Mail.get()
    page = admin.get(f"/setup/outbox/{found.id}").text
    assert "Hello Nora Voss" in page
    assert f'data-copy="{found.link}"' in page


def test_the_words_of_the_server_are_shown(admin):
    Mail.update(state="refused", server_words="550 <script>no such user</script>").execute()
    for path in ("/setup/outbox", f"/setup/outbox/{Mail.get().id}"):
        page = admin.get(path).text
        assert "550 &lt;script&gt;no such user" in page and "Refused" in page


def test_a_mail_is_sent_again_under_the_same_id(admin, monkeypatch):
    monkeypatch.setattr(mail, "_server", mail.Server("localhost"))
    found = Mail.get()
    Mail.update(state="given_up", attempts=9).execute()
    admin.post(f"/setup/outbox/{found.id}/again")
    after = Mail.get()
    assert (after.state, after.attempts, after.message_id) == ("queued", 0, found.message_id)
    assert Job.select().where(Job.kind == "mail.send").count() == 1


@pytest.mark.parametrize(("query", "count"), [("q=nora", 1), ("q=nobody", 0), ("state=sent", 0), ("state=queued", 1), ("state=x", 1), ("q=50%25", 0), ("q=%00", 1)])
def test_mails_are_found(database, sign_in, sam, query, count):
    invites.add_staff(sam, name="Nora Voss", email="nora@kestrel.example", role=Role.ANALYST)
    assert sign_in(sam).get(f"/setup/outbox?{query}").text.count('href="/setup/outbox/') == count


def test_a_mail_that_does_not_exist_is_not_found(admin):
    assert admin.get("/setup/outbox/999").status_code == 404
    assert admin.post("/setup/outbox/9999999999999999999/again").status_code == 404
