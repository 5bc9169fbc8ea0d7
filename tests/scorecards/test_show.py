"""The page of one scorecard: its figures, and who may read and do what."""
import pytest

from prm.models import Organisation, Scorecard
from tests.scorecards.conftest import text_of

FIGURES = ("116.7%", "$1,500.00", "$1,000.00", "150%", "25%", "Forty bikes", "$500.00", "On target", "Behind")


def test_the_page_the_card_the_pdf_and_the_csv_say_the_same(sign_in, quarter, sam):
    client = sign_in(sam)
    page = client.get(f"/scorecards/{quarter.id}").text
    pdf = text_of(client.get(f"/scorecards/{quarter.id}/scorecard.pdf").data)
    for figure in FIGURES:
        assert figure in page and figure in pdf, figure
    sheet = client.get("/scorecards/?period=2026-Q3&format=csv").data.decode("utf-8-sig").splitlines()
    assert sheet[0].startswith("Partner,Score,Grade,Rank,Partner tier")
    assert sheet[1].startswith("Acme,116.7,A,1,Gold,North")


def test_staff_see_their_partners_drafts(sign_in, make, globex, quarter, sam, mia, ann):
    foreign = make.scorecard(globex)
    for who, sees in ((sam, True), (ann, True), (mia, False)):
        client = sign_in(who)
        assert client.get(f"/scorecards/{quarter.id}").status_code == 200
        assert client.get(f"/scorecards/{foreign.id}").status_code == (200 if sees else 404)


def test_the_partner_side_sees_what_is_published_of_its_own_and_no_draft(sign_in, published, make, acme, ada, pat, grace):
    draft = make.scorecard(acme, "2026-Q4", note="zqsecret")
    for who in (ada, pat):
        client = sign_in(who)
        assert client.get(f"/scorecards/{published.id}").status_code == 200
        assert client.get(f"/scorecards/{draft.id}").status_code == 404
        assert client.get(f"/scorecards/{draft.id}/scorecard.pdf").status_code == 404
        listed = client.get("/scorecards/?period=2026-Q4").text
        assert "Q3 2026" in listed and "Q4 2026" not in listed and "zqsecret" not in listed
    assert sign_in(grace).get(f"/scorecards/{published.id}").status_code == 404
    assert sign_in(grace).get(f"/scorecards/{published.id}/scorecard.pdf").status_code == 404


@pytest.mark.parametrize("shown, status", [(True, 200), (False, 404)])
def test_members_read_it_where_the_organisation_shows_them_the_account(sign_in, published, max_of_acme, shown, status):
    Organisation.update(members_see_account=shown).execute()
    assert sign_in(max_of_acme).get(f"/scorecards/{published.id}").status_code == status


def test_a_member_does_not_read_of_a_colleagues_deal_on_page_or_paper(sign_in, make, acme, quarter, sam, max_of_acme, ada):
    from prm.scorecards import services

    make.deal("Sold by Max", partner=acme, owner=max_of_acme.contact, amount=70_000)
    published = services.publish(sam, quarter)
    own = sign_in(max_of_acme)
    for text in (own.get(f"/scorecards/{published.id}").text, text_of(own.get(f"/scorecards/{published.id}/scorecard.pdf").data)):
        assert "Sold by Max" in text and "Forty bikes" not in text and "Largest deals won by you" in text
    assert "Forty bikes" in sign_in(ada).get(f"/scorecards/{published.id}").text


def test_a_figure_leads_only_who_may_see_all_of_its_rows_to_them(sign_in, published, acme, max_of_acme, pat, ada):
    for who, led in ((ada, True), (pat, False), (max_of_acme, False)):
        for path in (f"/scorecards/{published.id}", f"/partners/{acme.id}?period=2026-Q3"):
            assert ("/deals/?f.partner=" in sign_in(who).get(path).text) is led, (who.name, path)


def test_an_unknown_or_absurd_id_is_not_found(sign_in, quarter, sam):
    client = sign_in(sam)
    for id in ("999999", "10000000000000000000"):
        assert client.get(f"/scorecards/{id}").status_code == 404


def test_a_note_is_saved_and_two_at_once_do_not_overwrite_each_other(sign_in, quarter, sam):
    client, to = sign_in(sam), f"/scorecards/{quarter.id}/note"
    assert client.post(to, data={"note": " Well done.\nMore in October. ", "version": "1"}).status_code == 303
    assert Scorecard.get_by_id(quarter.id).note == "Well done.\nMore in October."
    late = client.post(to, data={"note": "Other words", "version": "1"})
    assert late.status_code == 409 and "Somebody else changed" in late.text and "Other words" in late.text
    long = client.post(to, data={"note": "x" * 2001, "version": "2"})
    assert long.status_code == 422 and "at most 2,000" in long.text


def test_an_analyst_reads_and_changes_nothing(sign_in, quarter, ann):
    client = sign_in(ann)
    page = client.get(f"/scorecards/{quarter.id}").text
    assert "Save note" not in page and "/publish" not in page
    assert client.post(f"/scorecards/{quarter.id}/note", data={"note": "x"}).status_code == 403
    assert client.post(f"/scorecards/{quarter.id}/publish").status_code == 403


def test_figures_open_the_rows_behind_them(sign_in, quarter, sam):
    client = sign_in(sam)
    href = "/deals/?f.partner=ACME&amp;f.closed_on.in=2026-Q3&amp;f.outcome.is=won"
    assert href in client.get(f"/scorecards/{quarter.id}").text
    rows = client.get(href.replace("&amp;", "&")).text
    assert "Forty bikes" in rows and "Ten bikes" in rows and "1–2 of 2" in rows


def test_the_overview_of_a_partner_shows_the_same_card(sign_in, quarter, acme, sam):
    client = sign_in(sam)
    page = client.get(f"/partners/{acme.id}").text
    assert all(figure in page for figure in FIGURES)
    earlier = client.get(f"/partners/{acme.id}?period=2026-Q2").text
    assert "120%" in earlier and "116.7%" not in earlier


def test_a_partner_without_scorecard_is_told_when_it_comes(sign_in, acme, quarter, sam, ada):
    assert "once it is published" in sign_in(ada).get(f"/partners/{acme.id}").text
    Scorecard.delete().execute()
    assert "once a KPI has figures" in sign_in(sam).get(f"/partners/{acme.id}").text
