"""The organisation's settings, and what follows from a change."""
import base64
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from prm.core.jobs import Job
from prm.models import Activity, Deal, Organisation, Rate, Stale
from prm.setup import services
from prm.setup.forms import read_grades

FORM = {
    "organisation": "Kestrel", "zone": "UTC", "currency": "USD", "fiscal_month": "1", "locale": "en", "period_length": "quarter",
    "brand": "#0f766e", "grades": "A 110, B 95, C 80, D 60, E 0", "members_see_account": "y",
}  # fmt: skip


def picture(format="PNG", size=(40, 20)):
    file = BytesIO()
    Image.new("RGB", size, "#0f766e").save(file, format)
    return file.getvalue()


def send(client, **changes):
    return client.post("/setup/organisation", data=FORM | changes, content_type="multipart/form-data")


@pytest.fixture
def admin(sign_in, sam):
    return sign_in(sam)


def test_settings_are_saved_and_noted(admin):
    assert send(admin, organisation="Kestrel Alliance", zone="Europe/Berlin", locale="de").status_code == 303
    here = Organisation.get()
    assert (here.name, here.zone, here.locale, here.brand) == ("Kestrel Alliance", "Europe/Berlin", "de", "#0f766e")
    assert Activity.select().where(Activity.verb == "organisation.changed").count() == 1


def test_an_unticked_box_is_no(admin):
    form = {key: value for key, value in FORM.items() if key != "members_see_account"}
    admin.post("/setup/organisation", data=form)
    assert Organisation.get().members_see_account is False


@pytest.mark.parametrize(("field", "value"), [
    ("zone", "Mars/Base"), ("currency", "XXX"), ("fiscal_month", "0"), ("locale", "../en"), ("brand", "red"), ("brand", "#12345"),
    ("brand", "#123456;}"), ("organisation", ""), ("organisation", "x" * 121), ("period_length", "decade"), ("grades", "A"),
    ("grades", "A 10, B 20, C 0"), ("grades", "A 110, B 95"), ("grades", "A 9, A 0"), ("grades", ""), ("grades", "A 1e9, B 0"),
])  # fmt: skip
def test_what_cannot_be_used_changes_nothing(admin, field, value):
    before = Organisation.get().__data__
    assert send(admin, **{field: value}).status_code == 422
    assert Organisation.get().__data__ == before


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_kept_as_data_and_served(admin, client, format):
    send(admin, logo=(BytesIO(picture(format)), "logo"))
    served = client.get("/logo")
    assert served.mimetype == f"image/{format.lower()}" and served.data == picture(format)
    send(admin, no_logo="y")
    assert Organisation.get().logo == ""


BAD = {
    "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "HTML": b"<html><script>alert(1)</script>",
    "HTML behind a PNG's first bytes": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "a GIF": b"GIF89a" + b"\0" * 40,
    "a torn JPEG": picture("JPEG")[:12],
    "too many bytes": picture() + b"\0" * (200 * 1024),
    "too many pixels": picture(size=(4000, 1500)),
    "a ZIP": b"PK\x03\x04" + b"\0" * 100,
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_small_picture_is_refused(admin, what):
    answer = send(admin, logo=(BytesIO(BAD[what]), "logo.png"))
    assert answer.status_code == 422
    assert Organisation.get().logo == ""


def test_a_bomb_of_a_picture_is_not_unpacked(admin):
    import struct
    import zlib

    size = struct.pack(">II", 60_000, 60_000) + b"\x08\x02\x00\x00\x00"
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + size + struct.pack(">I", zlib.crc32(b"IHDR" + size))
    assert send(admin, logo=(BytesIO(head + picture()[33:]), "logo.png")).status_code == 422


def test_another_currency_works_every_amount_out_again(database, sign_in, sam, make):
    make.stages()
    deal = make.deal(amount=10_000, currency="EUR")
    Rate.create(currency="USD", valid_from=date(2026, 1, 1), rate=1)
    assert deal.amount_base is None
    send(sign_in(sam), currency="EUR")
    assert Job.select().where(Job.kind == "setup.rebase").count() == 1
    services.work_out_amounts()
    assert Deal.get().amount_base == 10_000
    assert Stale.select().exists() and Job.select().where(Job.kind == "kpis.refresh").exists()


@pytest.mark.parametrize("change", [{"zone": "Europe/Berlin"}, {"fiscal_month": "4"}, {"period_length": "month"}])
def test_another_calendar_works_every_figure_out_again(admin, acme, change):
    send(admin, brand=Organisation.get().brand, **change)
    assert [row.partner_id for row in Stale.select()] == [acme.id]


def test_nothing_is_worked_out_for_a_new_colour(admin, acme):
    send(admin, brand="#123456")
    assert not Stale.select().exists() and not Job.select().exists()


def test_grades_are_read():
    assert read_grades("a 120,b 100 , C- 0") == [["A", 120], ["B", 100], ["C-", 0]]


@pytest.mark.parametrize("who", ["mia", "ann", "ada", "pat", "max_of_acme"])
def test_only_admins_get_in(sign_in, request, who, make):
    client = sign_in(request.getfixturevalue(who))
    for path in ("/setup/", "/setup/organisation", "/setup/tiers", "/setup/rates", "/setup/outbox", "/setup/tiers/new", "/welcome/sample"):
        assert client.get(path).status_code == 403
    assert send(client, organisation="Mallory").status_code == 403


def test_the_logo_in_the_page_is_not_the_data_itself(admin):
    send(admin, logo=(BytesIO(picture()), "logo"))
    assert base64.b64encode(picture()).decode()[:40] not in admin.get("/setup/").text
