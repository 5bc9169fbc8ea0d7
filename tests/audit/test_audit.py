"""What an auditor asks: who did what, when and from where; and who sees what, counted."""
import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from prm.access import rows
from prm.access.system import SYSTEM
from prm.audit.proof import prove
from prm.catalogue.answer import answer
from prm.catalogue.objects import catalogue
from prm.catalogue.question import MAX_LIMIT, Question
from prm.models import Activity, Person
from prm.partners import services


@pytest.fixture
def changed(database, make, sam, mia, acme):
    """Sam and Mia each changed Acme."""
    services.edit_partner(sam, acme, {"territory": "North"})
    services.edit_partner(mia, type(acme).get_by_id(acme.id), {"website": "https://acme.example"})
    return acme


def table(client, query=""):
    text = client.get(f"/setup/audit?format=csv{query}").data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_it_says_who_did_what_when_and_from_where(changed, sam, acme, sign_in):
    client = sign_in(sam)
    client.post(f"/partners/{acme.id}/edit", data={"name": "Acme", "number": acme.number, "status": "active", "territory": "South"}, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    shown = client.get("/setup/audit").text
    assert "Sam Ortega" in shown and "Mia Keller" in shown and "203.0.113.9" in shown and "<ins>South</ins>" in shown
    assert Activity.select().order_by(Activity.id.desc()).first().address == "203.0.113.9"


def test_what_a_command_did_comes_from_nowhere(changed):
    assert {a.address for a in Activity.select()} == {""}


@pytest.mark.parametrize(("query", "count"), [("", 2), ("q=mia", 1), ("q=acme", 2), ("verb=partner.changed", 2), ("verb=deal.changed", 0), ("from=2000-01-01", 2), ("to=2000-01-02", 0), ("q=' OR 1=1", 0)])
def test_it_is_filtered(changed, sam, sign_in, query, count):
    assert len(table(sign_in(sam), f"&{query}")) == count + 1


def test_a_day_that_is_none_is_refused(changed, sam, sign_in):
    assert sign_in(sam).get("/setup/audit?from=yesterday").status_code == 422


def test_its_file_has_old_and_new_in_the_order_things_happened(changed, sam, sign_in):
    head, first, second = table(sign_in(sam))
    assert head[:4] == ["When (UTC)", "Who", "E-mail", "Did"] and first[1:5] == ["Sam Ortega", "sam@kestrel.example", "partner.changed", "Acme"]
    assert "territory:  → North" in first[9] and "website" in second[9]
    with sign_in(sam).get("/setup/audit?format=xlsx") as answer:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert len(sheet) == 3


def test_nothing_in_the_portal_changes_it(app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("audit.")]
    assert rules and all("POST" not in rule.methods for rule in rules)


def test_only_an_admin_reads_it(changed, mia, ann, ada, sign_in):
    for person in (mia, ann, ada):
        assert sign_in(person).get("/setup/audit").status_code == 403 and sign_in(person).get("/setup/access").status_code == 403


# ── the access proof ──


@pytest.fixture
def filled(database, make, acme, globex, sam, mia, ann, ada, pat, max_of_acme, grace):
    make.stages()
    certification = make.custom_object()
    make.custom_field("secret", "text", object="deal")
    make.custom_field("open", "text", object="certification", audience="partner")
    for partner, owner in ((acme, ada), (globex, grace)):
        make.deal("One", partner=partner, owner=owner.contact_id)
        make.deal("Two", partner=partner)
        make.record("ISO", object=certification, partner=partner)
    return [sam, mia, ann, ada, pat, max_of_acme, grace]


def test_the_proof_is_what_each_person_really_gets(filled):
    """Against the rows that the question itself brings, and the fields that it takes, for every role and object."""
    proof, whole = prove(filled), catalogue(SYSTEM).objects
    assert [key for key, _ in proof.objects] == list(whole) and {person.role for person, _ in proof.people} == {p.role for p in filled}
    for person, cells in proof.people:
        known = catalogue(person).objects
        for key in whole:
            if key not in known:
                assert cells[key].rows is None and not cells[key].seen
                continue
            fields = tuple(known[key].by_key)
            got = answer(Question(key, fields=fields[:1], limit=MAX_LIMIT), person)
            assert cells[key].rows == len(got.rows) == rows.visible(known[key].table, person).count(), (person.display, key)
            assert cells[key].seen == tuple(f.label for f in known[key].fields), (person.display, key)
            assert set(cells[key].seen) | set(cells[key].hidden) == {f.label for f in whole[key].fields}


def test_it_shows_figures_that_were_worked_out_by_hand(filled):
    found = {person.display: cells for person, cells in prove(filled).people}
    deals = {name: cells["deal"].rows for name, cells in found.items()}
    assert deals == {"Sam Ortega": 4, "Mia Keller": 2, "Ann Lee": 4, "Ada Byron": 2, "Pat Moss": 0, "Max Brand": 0, "Grace Hopper": 2}
    assert "Secret" in found["Sam Ortega"]["deal"].seen and "Secret" in found["Ada Byron"]["deal"].hidden
    assert found["Ada Byron"]["certification"].rows == 1 and found["Ada Byron"]["kpi_result"].rows is None


def test_the_page_has_somebody_of_each_role_and_any_chosen_person(filled, sam, grace, sign_in):
    client = sign_in(sam)
    shown = client.get("/setup/access").text
    assert all(name in shown for name in ("Sam Ortega", "Mia Keller", "Ann Lee", "Pat Moss", "Max Brand"))
    found = client.get("/setup/access?q=grace").text
    assert f"/setup/access?person={grace.id}" in found
    one = client.get(f"/setup/access?person={grace.id}").text
    assert "Grace Hopper" in one and "Pat Moss" not in one


def test_the_proof_is_a_dated_file(filled, sam, grace, sign_in):
    answer = sign_in(sam).get(f"/setup/access?person={grace.id}&format=csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert "access-proof-20" in answer.headers["Content-Disposition"]
    deal = next(line for line in lines if line[4] == "Deals")
    assert deal[:6] == ["Grace Hopper", grace.email, "Executive", "Globex", "Deals", "2"] and "Secret" in deal[7] and "Secret" not in deal[6]
    assert Person.select().exists()
