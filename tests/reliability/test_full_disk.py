"""A full disk: reading works, a write is refused as a whole and in words, and all is well again as soon as there is room."""
import gc
import resource
import sqlite3
import sys

import pytest

from prm.core import files
from prm.models import Import, Partner
from tests.reliability.process import Server
from tests.reliability.web import Browser, filled

NOTES = "Nothing in particular. " * 300


@pytest.fixture
def small(sqlite):
    """The database may grow by some pages only, as on a disk that is nearly full."""
    sqlite.execute_sql("VACUUM")  # what tests before it have freed is room as well
    pages = sqlite.execute_sql("PRAGMA page_count").fetchone()[0]
    most = sqlite.execute_sql("PRAGMA max_page_count").fetchone()[0]
    sqlite.pragma("max_page_count", pages + 20, permanent=True)
    sqlite.execute_sql(f"PRAGMA max_page_count = {pages + 20}")
    yield sqlite
    sqlite._pragmas = [(name, value) for name, value in sqlite._pragmas if name != "max_page_count"]
    sqlite.close()
    sqlite.connect(reuse_if_open=True)
    sqlite.execute_sql(f"PRAGMA max_page_count = {most}")


def test_a_full_database_answers_507_and_nothing_is_saved(sqlite, sign_in, sam, request):
    client = sign_in(sam)
    small = request.getfixturevalue("small")
    answers, stored = [], 0
    while (answer := client.post("/partners/new", data={"name": f"P{stored}", "status": "active", "notes": NOTES})).status_code == 303:
        answers.append(answer)
        stored += 1
        assert stored < 100
    small.connect(reuse_if_open=True)
    assert answer.status_code == 507
    assert "The disk is full, nothing was saved" in answer.text
    assert Partner.select().count() == stored > 0
    last = client.get(f"/partners/?q=P{stored - 1}")
    assert last.status_code == 200 and f">P{stored - 1}<" in last.text
    assert client.post("/partners/new", data={"name": "Q", "notes": NOTES}, headers={"HX-Request": "true"}).status_code == 507


# what werkzeug had written of the request is closed by the collector of garbage
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("place", ["where a request is read", "where files are kept"])
def test_a_file_for_which_there_is_no_room_is_refused_and_nothing_is_left(sqlite, sign_in, sam, place, tmp_path, monkeypatch):
    client, size = sign_in(sam), 2_000_000 if place == "where a request is read" else 300_000
    monkeypatch.setattr(files, "_root", tmp_path)
    sheet = (b"Number,Name\n" + b"".join(b"N%d,A partner with a long name\n" % at for at in range(60_000)))[:size]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        answer = client.post("/import/new", data=_multipart(sheet), content_type="multipart/form-data; boundary=mark")
        looking = client.get("/import/")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    gc.collect()
    assert answer.status_code == 507 and "nothing was saved" in answer.text
    assert looking.status_code == 200
    sqlite.connect(reuse_if_open=True)
    assert not Import.select().exists() and not [path for path in tmp_path.rglob("*") if path.is_file()]


def _multipart(sheet: bytes) -> bytes:
    """By hand, as the test client would need room on the disk itself."""
    part = '--mark\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    return (
        part.format("object", "").encode() + b"partner\r\n" + part.format("file", '; filename="big.csv"').encode() + sheet + b"\r\n--mark--\r\n"
    )


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process can be set on Linux only")
def test_a_server_whose_disk_is_full_recovers_without_a_restart(tmp_path):
    """The limit of the size of files, set from outside while it runs, is such a disk."""
    server = Server(tmp_path / "var")
    server.prepare()
    server.start()
    try:
        browser = Browser(server.port)
        browser.sign_in()
        acknowledged, answer = _until_full(server, browser)
        assert answer.status == 507 and "nothing was saved" in answer.text
        assert browser.get("/partners/").status == 200
        _limit(server, resource.RLIM_INFINITY)
        assert browser.post("/partners/new", filled(browser.form("/partners/new"), name="After")).status == 303
    finally:
        server.kill()
    with sqlite3.connect(tmp_path / "var" / "prm.db") as database:
        assert database.execute("SELECT count(*) FROM partner").fetchone()[0] == acknowledged + 1
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def _until_full(server: Server, browser: Browser):
    _limit(server, 1_000_000)
    for at in range(300):
        data = filled(browser.form("/partners/new"), name=f"P{at}", notes=NOTES)
        if (answer := browser.post("/partners/new", data)).status != 303:
            return at, answer
    raise AssertionError("the disk did not become full")


def _limit(server: Server, size: int) -> None:
    assert sys.platform == "linux"
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
