"""prm ask: one question, three shapes, and for each viewer only what they may see."""
import json

import pytest

from prm.core import clock
from prm.core.db import db, open_database
from prm.models import Partner, Role
from tests import make
from tests.cli.portals import Portal, as_it_was

PARTNERS = "Partner no,Name,Type,Since,Seats\nA1,Acme,Reseller,2020-03-01,12\nG1,=Globex,,2021-04-05,2.5\nN1,Nobody yet,Reseller,,\n"
DEALS = (
    "Deal no,Partner no,Title,Amount,Closed on\n"
    "D1,A1,Forty bikes,1234.50,2012-07-01\nD2,A1,Ten bikes,0.05,2012-08-01\nD3,G1,東京の自転車,1000,2012-11-02\n"
)
BY_PARTNER = {
    "object": "deal", "rows": [{"field": "partner.name"}, {"field": "closed_on", "by": "quarter"}],
    "measures": [{"key": "won", "fn": "sum", "field": "amount"}, {"key": "n"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ask")
    portal = Portal(folder / "var")
    for name, text, more in (("partner", PARTNERS, []), ("deal", DEALS, ["--set", "stage=won"])):
        (folder / f"{name}.csv").write_text(text, "utf-8")
        portal.done("import", name, folder / f"{name}.csv", "--create-fields", *more)
    portal.done("admin", "sam@kestrel.example", "--password-stdin", input="a long enough secret 99")
    return portal


@pytest.fixture(scope="module")
def ask(filled):
    def asked(question, *options, shape="json"):
        said = filled.done("ask", "-", "--format", shape, *options, input=json.dumps(question))
        return json.loads(said) if shape == "json" else said

    return asked


def test_json_has_groups_and_measures_by_their_keys(ask):
    answer = ask(BY_PARTNER)
    assert answer == {
        "rows": [
            {"partner.name": "=Globex", "closed_on": "2012-Q4", "won": "1000.00", "n": 1},
            {"partner.name": "Acme", "closed_on": "2012-Q3", "won": "1234.55", "n": 2},
        ],
        "totals": {"won": "2234.55", "n": 3}, "count": 2, "words": answer["words"],
    }  # fmt: skip
    assert isinstance(answer["words"], str) and "quarter" in answer["words"]


def test_json_has_dates_as_iso_decimals_as_text_and_empty_as_null(ask):
    fields = ["name", "type", "since", "seats", "manager", "tier"]
    rows = ask({"object": "partner", "fields": fields, "sort": [{"key": "number"}]})["rows"]
    assert rows == [
        {"name": "Acme", "type": "Reseller", "since": "2020-03-01", "seats": "12", "manager": None, "tier": None},
        {"name": "=Globex", "type": None, "since": "2021-04-05", "seats": "2.5", "manager": None, "tier": None},
        {"name": "Nobody yet", "type": "Reseller", "since": None, "seats": None, "manager": None, "tier": None},
    ]


def test_json_has_periods_by_their_keys_and_no_value_for_no_rows(ask):
    for by, key in (("month", "2012-07"), ("year", "2012"), ("day", "2012-07-01"), ("week", "2012-06-25")):
        question = {"object": "deal", "rows": [{"field": "closed_on", "by": by}], "measures": [{"key": "n"}]}
        assert ask(question)["rows"][0] == {"closed_on": key, "n": 3 if by == "year" else 1}
    none = ask({"object": "deal", "filters": [{"field": "amount", "op": "above", "value": "1000000"}], "measures": [
        {"key": "sum", "fn": "sum", "field": "amount"}, {"key": "n"}, {"key": "mean", "formula": "sum / n"}]})  # fmt: skip
    assert none["totals"] == {"sum": None, "n": 0, "mean": None}


def test_a_table_is_aligned_and_ends_with_totals_and_how_much_is_shown(ask):
    said = ask(BY_PARTNER | {"limit": 1, "sort": [{"key": "won", "desc": True}]}, shape="table").splitlines()
    head, rule, row, _, totals = said[2:7]
    assert said[0] == ask(BY_PARTNER)["words"] and said[-1] == "Showing 1 of 2; totals are over all 2."
    assert row.startswith("Acme") and totals.startswith("Total") and totals.endswith("3") and "2,234.55" in totals
    assert len(head) == len(row) == len(totals) == len(rule)
    assert row.index("1,234.55") + 8 == totals.index("2,234.55") + 8


def test_a_table_counts_the_width_of_wide_letters_and_moves_no_cursor(ask):
    lines = ask({"object": "deal", "fields": ["title", "amount"], "sort": [{"key": "number"}]}, shape="table").splitlines()
    wide = next(line for line in lines if "東京" in line)
    assert len(wide) + 6 == len(lines[3])
    assert lines[-1].startswith("Showing 3 of 3")


def test_csv_is_what_the_screens_write(ask):
    said = ask(BY_PARTNER, shape="csv")
    head, *rows = said.splitlines()
    assert said.startswith("\ufeff") and "\r\n" in said.replace("\n", "\r\n")
    assert rows == ["'=Globex,2012-Q4,1000.00,1", "Acme,2012-Q3,1234.55,2"] and head.count(",") == 3


def test_a_cut_csv_says_so_beside_it(filled):
    result = filled.run("ask", "-", "--format", "csv", input=json.dumps(BY_PARTNER | {"limit": 1}))
    assert result.exit_code == 0 and len(result.stdout.splitlines()) == 2
    assert result.stderr == "Showing 1 of 2; totals are over all 2.\n"


def test_a_file_may_start_with_a_mark(filled, tmp_path):
    (tmp_path / "q.json").write_text(json.dumps(BY_PARTNER), "utf-8-sig")
    assert "2,234.55" in filled.done("ask", tmp_path / "q.json")


@pytest.fixture(scope="module")
def people(filled):
    """Ada of Acme, and somebody who was here once."""
    with as_it_was():
        open_database(f"sqlite:///{filled.var / 'prm.db'}")
        with db.connection_context():
            make.person("Ada Byron", role=Role.EXECUTIVE, partner=Partner.get(Partner.number == "A1"), email="ada@acme.example")
            make.person("Old Hand", role=Role.MANAGER, email="old@kestrel.example", disabled_at=clock.now())


def test_everybody_gets_their_own_rows_and_fields(filled, people, ask):
    assert ask(BY_PARTNER, "--as", "ADA@acme.example ")["totals"] == {"won": "1234.55", "n": 2}
    assert ask(BY_PARTNER, "--as", "sam@kestrel.example")["totals"]["n"] == 3
    notes = json.dumps({"object": "deal", "fields": ["notes"]})
    unknown = json.dumps({"object": "deal", "fields": ["sesame"]})
    hidden = filled.refused("ask", "-", "--as", "ada@acme.example", input=notes)
    assert hidden.replace("notes", "sesame") == filled.refused("ask", "-", "--as", "ada@acme.example", input=unknown)
    assert "Nobody here" in filled.refused("ask", "-", "--as", "eve@acme.example", input=notes)
    assert "disabled" in filled.refused("ask", "-", "--as", "old@kestrel.example", input=notes)


BAD = {
    "no JSON": "{", "empty": "", "a number": "7", "a list": "[]", "no object": "{}", "unknown object": '{"object": "boat"}',
    "unknown part": '{"object": "deal", "having": 1}', "unknown field": '{"object": "deal", "fields": ["boat"]}',
    "NaN": '{"object": "deal", "limit": NaN}', "too deep": "[" * 100_000, "not UTF-8": b"\xff\xfe{}",
    "too large": '{"object": "deal"}' + " " * 2**20, "half a character": '{"object": "deal", "fields": ["\\ud800"]}',
    "a number too large": '{"object": "deal", "limit": 1e999}', "NUL": '{"object": "deal", "fields": ["a\\u0000b"]}',
    "a filter that fits no number": '{"object": "deal", "filters": [{"field": "amount", "op": "above", "value": "1e2000000"}]}',
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_question_is_refused_in_one_line(filled, name):
    assert len(filled.refused("ask", "-", input=BAD[name])) > 10


def test_a_file_that_is_not_there_is_named(filled, tmp_path):
    assert "nowhere.json" in filled.refused("ask", tmp_path / "nowhere.json")
    assert str(tmp_path) in filled.refused("ask", tmp_path)
