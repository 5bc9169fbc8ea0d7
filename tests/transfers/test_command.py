"""prm import: one line of counts, each refused row with its line, and an exit code for scripts."""
import json

import pytest
from click.testing import CliRunner

from prm.models import Contact, CustomField, Deal, Import, ImportMap, ImportRow, Organisation, Partner
from prm.transfers.commands import import_command

PARTNERS = "Partner no,Name,Country,Employees,Annual revenue\nP1,Acme,Norway,12,30000.00\nP2,Globex,Chile,7,80000.00\n"
ORDERS = "Order no,Partner no,Order date,Amount,Currency\nS1,P1,2026-07-01,10.00,USD\nS2,P2,2026-07-02,20.50,CAD\nS3,P9,2026-07-02,1.00,USD\n"


@pytest.fixture
def command(app, make, written):
    """`command("deal", text, "--set", "stage=won")`: what it prints, and its code."""
    make.stages()

    def run(object, content, *options):
        result = CliRunner().invoke(import_command, [object, str(written(content)), *options])
        if result.exception and not isinstance(result.exception, SystemExit):
            result.output_bytes, result.error = result.stdout_bytes, result.exception
        return result

    return run


@pytest.fixture
def mapping(written):
    return lambda columns: str(written(json.dumps(columns), "map.json"))


def test_it_makes_changes_and_leaves_rows_and_says_how_many(database, command):
    assert command("partner", PARTNERS).output == "made 2, changed 0, unchanged 0, refused 0\n"
    assert command("partner", PARTNERS).output == "made 0, changed 0, unchanged 2, refused 0\n"
    other = PARTNERS.replace("Globex", "Globex Ltd")
    assert command("partner", other).output == "made 0, changed 1, unchanged 1, refused 0\n"
    assert [p.name for p in Partner.select().order_by(Partner.number)] == ["Acme", "Globex Ltd"]


def test_refused_rows_come_with_line_and_reason_and_the_others_are_stored(database, command):
    command("partner", PARTNERS)
    result = command("deal", ORDERS, "--set", "stage=won")
    assert result.output.splitlines() == [
        "made 2, changed 0, unchanged 0, refused 1", "line 4: Partner no: There is no partner “P9”.",
    ]  # fmt: skip
    assert result.exit_code == 0
    assert {d.number: (d.amount, d.currency, d.outcome) for d in Deal.select()} == {
        "S1": (1000, "USD", "won"), "S2": (2050, "CAD", "won"),
    }  # fmt: skip


def test_unmapped_columns_become_fields_of_the_kind_in_them(database, command):
    assert command("partner", PARTNERS, "--create-fields").exit_code == 0
    assert {f.key: (f.label, f.kind) for f in CustomField.select()} == {
        "country": ("Country", "text"), "employees": ("Employees", "number"), "annual_revenue": ("Annual revenue", "money"),
    }  # fmt: skip
    assert Partner.get(Partner.number == "P1").custom == {"country": "Norway", "employees": 12_000_000, "annual_revenue": 3_000_000}
    assert command("partner", PARTNERS, "--create-fields").output == "made 0, changed 0, unchanged 2, refused 0\n"
    assert CustomField.select().count() == 3


def test_a_map_decides_for_the_columns_it_names_and_names_decide_for_the_others(database, command, mapping):
    command("partner", PARTNERS)
    result = command("deal", ORDERS, "--map", mapping({"Currency": None, "Order date": "created_on"}), "--create-fields")
    assert result.output.startswith("made 2,")
    deal = Deal.get(Deal.number == "S2")
    assert (deal.currency, deal.created_on.isoformat(), deal.closed_on, deal.custom) == ("USD", "2026-07-02", None, {})


def test_a_map_may_name_a_field_that_is_to_be_made(database, command, mapping):
    command("partner", PARTNERS)
    to = mapping({"Currency": "order_currency"})
    assert command("deal", ORDERS, "--map", to, "--create-fields", "--set", "stage=won").output.startswith("made 2,")
    assert CustomField.get().key == "order_currency" and CustomField.get().kind == "text"
    assert {d.number: (d.currency, d.custom) for d in Deal.select()} == {
        "S1": ("USD", {"order_currency": "USD"}), "S2": ("USD", {"order_currency": "CAD"}),
    }  # fmt: skip
    again = command("deal", ORDERS, "--map", to, "--create-fields", "--set", "stage=won")
    assert again.output.startswith("made 0, changed 0, unchanged 2, refused 1")


def test_a_dry_run_stores_nothing(database, command):
    result = command("partner", PARTNERS, "--create-fields", "--dry-run")
    assert result.output == "Checked, nothing stored: made 2, changed 0, unchanged 0, refused 0\n"
    assert not any(table.select().exists() for table in (Partner, CustomField, Import, ImportRow, ImportMap))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--set", "stage"], "“stage” must look like FIELD=VALUE."),
        (["--set", "nope=1"], "Deal has no field “nope” to set."),
        (["--set", "stage=Bogus"], "Stage: “Bogus” is not one of the choices"),
        (["--set", "stage="], "Stage: choose a value"),
        (["--set", "outcome=won"], "Deal has no field “outcome” to set."),
    ],
)
def test_a_fixed_value_that_cannot_be_is_refused(command, options, words):
    command("partner", PARTNERS)
    assert words in str(command("deal", ORDERS, *options).exception)
    assert not Deal.select().exists()


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({"Nope": "title"}, [], "The file has no column “Nope”. Its columns: Order no, Partner no"),
        ({"Amount": "nope"}, [], "Deal has no field “nope” to import into. There are: amount,"),
        ({"Amount": "outcome"}, ["--create-fields"], "Deal has no field “outcome” to import into."),
        ({"Amount": "Not A Key"}, ["--create-fields"], "“Not A Key” is no key for a new field."),
        ({"Partner no": None}, [], "No column gives Partner. Match one, or set a fixed value."),
        (["Amount"], [], 'must look like {"column": "field"}.'),
        ({"Amount": 5}, [], 'must look like {"column": "field"}.'),
    ],
)
def test_a_map_that_cannot_be_is_refused(command, mapping, columns, options, words):
    command("partner", PARTNERS)
    assert words in str(command("deal", ORDERS, "--map", mapping(columns), *options).exception)
    assert not Deal.select().exists()


def test_a_map_that_is_no_json_is_refused(command, written):
    assert "is no JSON" in str(command("partner", PARTNERS, "--map", str(written("{", "map.json"))).exception)


def test_what_can_be_read_in_two_ways_waits_for_a_format(database, command):
    command("partner", PARTNERS)
    text = 'Deal no,Partner,Amount,Closed on\nD1,P1,"1,234",03/04/2026\n'
    refused = str(command("deal", text).exception)
    assert "“1,234” in line 2" in refused or "“03/04/2026” in line 2" in refused
    assert not Deal.select().exists()
    command("deal", text, "--numbers", "1.234,50", "--days", "mdy")
    assert (Deal.get().amount, Deal.get().closed_on.isoformat()) == (123, "2026-03-04")


def test_when_every_row_is_refused_it_fails(command):
    result = command("deal", ORDERS)
    assert result.exit_code and "Every row was refused." in str(result.exception)
    assert "refused 3" in result.output and not Deal.select().exists()


def test_an_unknown_object_or_file_is_refused(command, written):
    assert "People cannot be imported." in str(command("person", PARTNERS).exception)
    assert CliRunner().invoke(import_command, ["partner", "/nowhere.csv"]).exit_code == 2


def test_a_file_that_is_no_table_is_refused_as_in_the_browser(command):
    assert "This is a picture" in str(command("partner", b"\x89PNG\r\n" + bytes(50)).exception)


def test_the_file_is_kept_and_the_match_is_remembered_for_the_browser(command):
    command("partner", PARTNERS, "--create-fields")
    assert Import.get().state == "done" and Import.get().made == 2
    assert ImportMap.get().settings["columns"]["Country"] == "country"


def test_columns_with_headings_of_any_script_are_matched_and_made(database, command):
    text = "Partner no,Name,Страна,国\nP1,Acme,Норвегия,挪威\n"
    assert command("partner", text, "--create-fields").output.startswith("made 1,")
    assert sorted(f.key for f in CustomField.select()) == ["field", "field_2"]
    assert command("partner", text, "--create-fields").output.startswith("made 0, changed 0, unchanged 1")


def test_fixed_values_mean_what_a_script_writes_whatever_the_locale(command, make):
    make.organisation(locale="de")
    Organisation.forget(Organisation.remember())
    command("partner", PARTNERS)
    command("deal", "Deal no,Partner\nD1,P1\n", "--set", "amount=1234.50")
    assert Deal.get().amount == 123450


def test_names_are_joined_in_the_order_of_the_file(database, command):
    command("partner", PARTNERS)
    command("contact", "Partner no,First name,Last name,Email\nP1,Catherine,Abel,c@abel.example\n")
    assert Contact.get().name == "Catherine Abel"
