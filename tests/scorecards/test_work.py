"""A whole period as one ZIP: by a job, for who asked, row rules included, some failing, stopped, and thrown away."""
import io
import zipfile
from datetime import timedelta

import pytest

from prm.core import clock, files, pdf
from prm.core.jobs import Job, claim, run_once
from prm.housekeeping import tidy_files
from prm.models import Person, Scorecard
from prm.scorecards import jobs, services
from tests.scorecards.conftest import text_of


@pytest.fixture
def both(make, globex, quarter, revenue):
    make.result(revenue, globex, value="70", target="100")
    return quarter, make.scorecard(globex, score="70", grade="D", rank=2)


def _work():
    while run_once():
        pass


def _zip(client, size="a4"):
    answer = client.post("/scorecards/zip", data={"period": "2026-Q3", "paper": size})
    assert answer.status_code == 303
    waiting = client.get(answer.location).text
    assert "Waiting for its turn" in waiting and "Stop" in waiting
    _work()
    return answer.location


def _opened(client, place) -> dict[str, bytes]:
    with client.get(f"{place}/scorecards.zip") as answer:
        assert answer.mimetype == "application/zip" and "scorecards-2026-Q3.zip" in answer.headers["Content-Disposition"]
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_it_holds_the_pdf_of_each_partner(sign_in, both, sam):
    client = sign_in(sam)
    place = _zip(client)
    assert "Download scorecards-2026-Q3.zip" in client.get(place).text
    held = _opened(client, place)
    assert sorted(held) == ["scorecard 2026-Q3 ACME Acme.pdf", "scorecard 2026-Q3 GLOBEX Globex.pdf"]
    assert "116.7%" in text_of(held["scorecard 2026-Q3 ACME Acme.pdf"])
    assert "Globex" in text_of(held["scorecard 2026-Q3 GLOBEX Globex.pdf"])


def test_a_manager_gets_their_own_partners_only(sign_in, both, mia):
    client = sign_in(mia)
    held = _opened(client, _zip(client, "letter"))
    assert list(held) == ["scorecard 2026-Q3 ACME Acme.pdf"]


def test_nobody_else_may_have_it_and_partners_cannot_ask(sign_in, both, mia, sam, ann, ada):
    place = _zip(sign_in(mia))
    for who in (sam, ann):
        assert sign_in(who).get(place).status_code == 404
        assert sign_in(who).get(f"{place}/scorecards.zip").status_code == 404
        assert sign_in(who).post(f"{place}/cancel").status_code == 404
    assert sign_in(ada).post("/scorecards/zip", data={"period": "2026-Q3"}).status_code == 403
    assert sign_in(ada).get(place).status_code == 403


def test_rights_are_looked_at_when_it_is_made(sign_in, both, mia):
    answer = sign_in(mia).post("/scorecards/zip", data={"period": "2026-Q3"})
    Person.update(disabled_at=clock.now()).where(Person.id == mia).execute()
    _work()
    job = Job.get(Job.kind == "scorecards.zip")
    assert job.state == "failed" and "may not" in job.message and answer.status_code == 303


@pytest.mark.parametrize("key, status", [("2020-Q1", 404), ("nonsense", 422), ("", 422)])
def test_a_period_without_scorecards_is_refused(sign_in, both, sam, key, status):
    assert sign_in(sam).post("/scorecards/zip", data={"period": key}).status_code == status


def test_one_that_cannot_be_made_is_named_and_the_others_are_there(sign_in, both, sam, monkeypatch):
    real = pdf.render

    def render(html):
        if "Globex" in html:
            raise pdf.PdfError("The document took too long to make.")
        return real(html)

    monkeypatch.setattr(pdf, "render", render)
    client = sign_in(sam)
    place = _zip(client)
    assert "errors.txt" in client.get(place).text
    held = _opened(client, place)
    assert sorted(held) == ["errors.txt", "scorecard 2026-Q3 ACME Acme.pdf"]
    assert held["errors.txt"].decode() == "GLOBEX Globex: The document took too long to make.\n"


def test_a_published_one_is_in_it_as_it_is_stored(sign_in, published, sam):
    _work()
    client = sign_in(sam)
    held = _opened(client, _zip(client))
    assert held["scorecard 2026-Q3 ACME Acme.pdf"] == services.stored_pdf(Scorecard.get_by_id(published.id))


def test_stopping_it_leaves_nothing_behind(sign_in, both, sam, tmp_path):
    client = sign_in(sam)
    answer = client.post("/scorecards/zip", data={"period": "2026-Q3"})
    job = claim(clock.now())
    while job.kind != "scorecards.zip":
        job = claim(clock.now())
    assert client.post(f"{answer.location}/cancel").status_code == 303
    with pytest.raises(Exception, match="scorecards.zip"):
        jobs.bundle(job)
    assert not list((tmp_path / "files").rglob("*.zip"))
    assert "Cancelled" in client.get(answer.location).text


def test_names_that_look_alike_on_disk_do_not_overwrite_each_other(make, quarter, sam, sign_in):
    for number in ("A/1", "A?1"):
        make.scorecard(make.partner("Twin", number=number))
    client = sign_in(sam)
    assert sorted(_opened(client, _zip(client)))[:2] == ["scorecard 2026-Q3 A 1 Twin (2).pdf", "scorecard 2026-Q3 A 1 Twin.pdf"]


def test_a_zip_is_thrown_away_after_a_week(sign_in, both, sam):
    client = sign_in(sam)
    place = _zip(client)
    job = Job.get(Job.kind == "scorecards.zip")
    tidy_files(job)
    assert _opened(client, place)
    Job.update(done_at=clock.now() - timedelta(days=8)).where(Job.id == job.id).execute()
    assert tidy_files(job)["files"] == 1
    assert not files.place(job.result["file"]).exists()
    assert "thrown away" in client.get(place).text
    assert client.get(f"{place}/scorecards.zip").status_code == 404


def test_the_polling_ends_with_a_page_to_load(sign_in, both, sam):
    client = sign_in(sam)
    answer = client.post("/scorecards/zip", data={"period": "2026-Q3"})
    htmx = {"HX-Request": "true"}
    assert "hx-trigger" in client.get(f"{answer.location}?watch=1", headers=htmx).text
    _work()
    assert client.get(f"{answer.location}?watch=1", headers=htmx).headers["HX-Redirect"] == answer.location
