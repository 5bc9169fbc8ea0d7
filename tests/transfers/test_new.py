"""Uploading a file: what is no table is refused in words, and nothing of it is kept."""
import io

import pytest

from prm.models import Import, Partner
from prm.transfers.services import filename_of
from tests.transfers.conftest import errors_of, work
from tests.transfers.workbooks import workbook

FILE = "Partner no,Name\nP1,Acme\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"  \n\n", "The file has no lines."),
        (b"Partner no,Name\n", "The file has a header but no rows."),
        (PNG, "This is a picture, not a CSV or Excel table."),
        (b"%PDF-1.7 ...", "This is a PDF, not a CSV or Excel table."),
        (b"<!DOCTYPE html><table>", "This is a web page or document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or locked Office file"),
        (b"PK\x03\x04 not a zip", "The workbook is damaged."),
        (b'No,Name\n1,"Acme', "Line 2: a quotation mark is opened and never closed."),
        (b'No,Name\n1,"Ac"me\n', "Line 2: there is text after a closing quotation mark."),
        (b"No,Name\n1,Acme,Berlin\n", "Line 2 has 3 cells, but there are 2 columns."),
        (b"No,Name\n" + b"1,Acme\n" * 20 + b"1,Ac\x00me\n", "Line 22: there is a NUL character."),
        (b"\x00\x01\x02\x03" * 30, "This is no text file."),
        (b"No,Name\n1,Acm\xed\xa0\x80\n", "Line 2 has characters that are no UTF-8."),
        (b"No,Name\n1,\xc3\xa9\n2,\xc3\xa9\n3,\xc3\xa9\n4,\xc3\n", "Line 5 has characters that are no UTF-8."),
        (b"\xff\xfeN\x00\n\x00\x00\xd8", "characters that are not utf-16"),
        (("a," * 300).encode() + b"\n1\n", "at most 200"),
        (b"No\n" + b"x" * 40_000, "Line 2: a cell has more than 32,767 characters."),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_changes_nothing(upload, sam, content, words):
    _, answer = upload(sam, "partner", content)
    assert answer.status_code == 422
    assert words in " ".join(errors_of(answer)).replace("&#39;", "'")
    assert not Import.select().exists()


def test_a_picture_stays_one_whatever_it_is_called(upload, sam):
    _, answer = upload(sam, "partner", PNG, name="partners.csv")
    assert "This is a picture" in answer.text


def test_a_file_of_a_hundred_megabytes_is_too_much(sign_in, sam):
    body = _Long(100 * 2**20)
    sent = {"wsgi.input": body, "CONTENT_LENGTH": str(body.size), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = sign_in(sam).post("/import/new", environ_overrides=sent)
    assert answer.status_code == 413 and "At most 30 MB" in answer.text
    assert body.read_so_far < 40 * 2**20


class _Long(io.RawIOBase):
    """A long upload that is never in memory."""

    def __init__(self, size):
        self.size, self.read_so_far = size, 0

    def read(self, length=-1):
        part = min(1 << 16 if length < 0 else length, self.size - self.read_so_far)
        self.read_so_far += part
        return b"x" * part


def test_without_a_file_one_is_asked_for(sign_in, sam):
    answer = sign_in(sam).post("/import/new", data={"object": "partner"})
    assert answer.status_code == 422 and "Choose a file first." in answer.text


def test_what_cannot_be_imported_is_not_on_offer(upload, sam):
    _, answer = upload(sam, "person", FILE)
    assert answer.status_code == 422 and not Import.select().exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("файл.csv", "файл.csv"), ("/", "file"), ("x" * 400, "x" * 255),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
    ],
)  # fmt: skip
def test_a_name_is_only_a_name(upload, sam, name, kept):
    client, answer = upload(sam, "partner", FILE, name=name)
    assert Import.get().filename == kept
    for page in (client.get(answer.location), client.get("/import/")):
        assert page.status_code == 200 and "<img src=x" not in page.text


@pytest.mark.parametrize(
    ("text", "name"),
    [("C:\\Users\\sam\\a.csv", "a.csv"), ("a\0b.csv", "ab.csv"), ("a\udc80.csv", "a?.csv"), ("..", ".."), ("", "file")],
)
def test_of_a_path_the_last_part_is_kept_as_any_database_takes_it(text, name):
    assert filename_of(text) == name


def test_the_same_form_sent_twice_makes_one_import(sign_in, sam):
    client = sign_in(sam)
    for _ in range(2):
        form = {"object": "partner", "once_key": "a" * 20, "file": (io.BytesIO(FILE.encode()), "a.csv")}
        assert client.post("/import/new", data=form).status_code == 303
    assert Import.select().count() == 1


def test_every_row_is_checked_at_once_and_nothing_is_stored_by_it(upload, sam):
    client, answer = upload(sam, "partner", FILE)
    assert "Checking every row" in client.get(answer.location).text
    work()
    page = client.get(answer.location).text
    assert "Every row checked" in page and "Store 1 row" in page
    assert not Partner.select().exists()


@pytest.mark.parametrize("who", ["ann", "ada", "max_of_acme"])
def test_who_may_not_import_gets_no_form(sign_in, request, who):
    client = sign_in(request.getfixturevalue(who))
    assert client.get("/import/new").status_code == 403
    assert client.post("/import/new", data={"object": "partner", "file": (io.BytesIO(b"x"), "x.csv")}).status_code == 403


@pytest.mark.parametrize(
    "content",
    [
        "Partner no,Name\nP1,Zoë Müller\n".encode("cp1252"),
        "Partner no,Name\nP1,Zoë Müller\n".encode("utf-8-sig"),
        "Partner no,Name\nP1,Zoë Müller\n".encode("utf-16"),
        "Partner no;Name\r\nP1;Zoë Müller\r\n".encode(),
        "Partner no\tName\nP1\tZoë Müller\n".encode(),
        "Partner no|Name\n\n\nP1|Zoë Müller".encode(),
    ],
)  # fmt: skip
def test_any_usual_encoding_and_delimiter_is_read(looked_at, sam, content):
    client, batch = looked_at(sam, "partner", content)
    assert "Zoë Müller" in client.get(f"/import/{batch.id}").text


def test_a_workbook_is_read_like_a_csv(looked_at, sam):
    client, batch = looked_at(sam, "partner", workbook([["Partner no", "Name"], [585, "Acme"]]), name="a.xlsx")
    page = client.get(f"/import/{batch.id}").text
    assert "Store 1 row" in page and "585" in page and "585.0" not in page
