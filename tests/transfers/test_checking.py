"""Rows and cells: what each would make or change, and why it is refused, with its line. Wrong rows change nothing."""
from datetime import date

import pytest

from prm.models import Activity, BusinessRole, Contact, Deal, Import, Partner, Person, Tier
from tests.transfers.workbooks import workbook

DEALS = "Deal no,Partner,Amount,Closed on\n"


def refused(done) -> dict[int, str]:
    assert sum(done.counts.values()) == len(done.refusals) + sum(
        done.counts[o] for o in ("made", "changed", "unchanged")
    )
    return dict(done.refusals)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("abc", "“abc” is no number"), ("NaN", "“NaN” is no number"), ("inf", "“inf” is no number"),
        ("-inf", "is no number"), ("1e5", "“1e5” is no number"), ("1e2000000", "“1e2000000” is no number"),
        ("9" * 5000, "too long for a number"), ("9007199254740993000", "too large"), ("1_000", "is no number"),
        ("٣", "is no number"), ("0x10", "is no number"), ("=1+1", "“=1+1” is no number"), ("1.2.3", "is no number"),
        ("<b>1</b>", "“<b>1</b>” is no number"), ("10000000000000.00", "too large"),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_an_amount_that_is_none_is_refused_with_its_line(load, make, acme, amount, words):
    make.stages()
    done = load("deal", DEALS + f"D1,Acme,100.00,2026-07-01\nD2,Acme,{amount},2026-07-01\n")
    assert words in refused(done)[3] and refused(done)[3].startswith("Amount: ")
    assert [deal.number for deal in Deal.select()] == ["D1"]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("0000-01-01", "is no date"), ("9999-12-31", "out of range"), ("0001-01-01", "out of range"),
        ("2026-02-30", "is no date"), ("31/31/2026", "is no date"), ("tomorrow", "is no date"), ("infinity", "is no date"),
        ("2026-W01-1", "is no date"), ("1" * 5000, "is no date"),
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_a_day_that_is_none_is_refused_with_its_line(load, make, acme, day, words):
    make.stages()
    done = load("deal", DEALS + f"D1,Acme,100.00,{day}\n")
    assert words in refused(done)[2] and refused(done)[2].startswith("Closed on: ")
    assert not Deal.select().exists()


@pytest.mark.parametrize(("amount", "minor"), [("-12.50", -1250), ("(3.00)", -300), ("0", 0), ("90071992547409.93", None), ("9007199254740.99", 900719925474099)])
def test_amounts_below_zero_and_beyond_what_floats_hold_are_exact(database, load, make, acme, amount, minor):
    make.stages()
    done = load("deal", DEALS + f"D1,Acme,{amount},2026-07-01\n")
    assert [deal.amount for deal in Deal.select()] == ([] if minor is None else [minor]), done.refusals


def test_each_line_has_the_decimals_of_its_currency(database, load, make, acme):
    make.stages()
    rows = [("J", "1500", "JPY"), ("K", "1.5", "kwd"), ("U", "15.00", "USD"), ("E", "15", "")]
    done = load("deal", "Deal no,Partner,Amount,Currency\n" + "".join(f"{n},Acme,{a},{c}\n" for n, a, c in rows))
    assert done.counts["made"] == 4, done.refusals
    assert {d.number: (d.amount, d.currency) for d in Deal.select()} == {
        "J": (1500, "JPY"), "K": (1500, "KWD"), "U": (1500, "USD"), "E": (1500, "USD"),
    }  # fmt: skip


def test_an_amount_alone_is_in_the_currency_the_deal_has(load, make, acme):
    make.deal("Yen", partner=acme, number="J", amount=900, currency="JPY")
    assert load("deal", "Deal no,Partner,Amount\nJ,Acme,1500\n").counts["changed"] == 1
    assert (Deal.get().amount, Deal.get().currency) == (1500, "JPY")


def test_an_amount_that_is_the_same_for_all_is_read_in_each_rows_currency(load, make, acme):
    make.stages()
    load("deal", "Deal no,Partner,Currency\nJ,Acme,JPY\nU,Acme,USD\n", fixed={"amount": "15"})
    assert {d.number: d.amount for d in Deal.select()} == {"J": 15, "U": 1500}


def test_a_currency_nobody_has_is_refused(load, make, acme):
    make.stages()
    assert "“XXQ” is no currency" in refused(load("deal", "Deal no,Partner,Currency\nD1,Acme,XXQ\n"))[2]


def test_a_name_that_two_partners_have_decides_nothing(database, load, make, acme):
    make.stages()
    make.partner("Twin", number="T1"), make.partner("Twin", number="T2")
    done = load("deal", "Deal no,Partner\nD1,Twin\nD2,T2\nD3,Nobody\n")
    assert refused(done) == {
        2: "Partner: 2 partners are called “Twin”. Use the number instead.",
        4: "Partner: There is no partner “Nobody”.",
    }
    assert [deal.number for deal in Deal.select()] == ["D2"]


def test_the_same_key_twice_is_refused_the_second_time(database, load, make, acme):
    done = load("contact", "Contact no,Partner,E-mail\nC1,Acme,a@x.example\nC1,Acme,b@x.example\nC2,Acme,A@X.example\n,Acme,\n")
    assert refused(done) == {
        3: "Line 2 is the same contact, C1.",
        4: "Line 2 has the same address, C2.",
        5: "Name and E-mail are empty: nobody could tell who this is.",
    }


def test_a_line_that_was_refused_takes_no_key_from_a_later_one(load, make, acme):
    make.stages()
    done = load("deal", DEALS + "D1,Acme,abc,2026-07-01\nD1,Acme,5.00,2026-07-01\n")
    assert list(refused(done)) == [2] and Deal.get().amount == 500


def test_a_contact_without_a_number_is_known_by_its_address(database, load, make, acme):
    load("contact", "Partner,First name,Last name,Email\nAcme,Ada,Byron,ada@acme.example\n")
    done = load("contact", "Partner,Name,Email,Phone\nAcme,Ada Byron,ADA@acme.example,12\n")
    assert (done.counts["made"], done.counts["changed"]) == (0, 1)
    assert (Contact.get().name, Contact.get().phone, Contact.get().number) == ("Ada Byron", "12", "C00001")


def test_an_address_that_another_contact_has_is_refused(database, load, make, acme):
    make.contact("Ada", partner=acme, number="C1", email="ada@acme.example")
    make.contact("Max", partner=acme, number="C2", email="max@acme.example")
    done = load("contact", "Contact no,Partner,E-mail\nC2,Acme,ada@acme.example\nC9,Acme,max@acme.example\n")
    assert refused(done) == {
        2: "Another contact has the address ada@acme.example.", 3: "Another contact has the address max@acme.example.",
    }  # fmt: skip


def test_what_is_needed_is_said(database, load, make, acme):
    assert refused(load("partner", "Partner no,Name\n,Globex\nP2,\n")) == {2: "Partner no is empty.", 3: "Name is empty."}
    make.stages()
    assert refused(load("deal", "Deal no,Partner\nD1,\n")) == {2: "Partner is empty."}


def test_a_name_may_not_be_emptied_and_an_empty_status_stays(load, acme):
    assert refused(load("partner", "Partner no,Name\nACME,\n")) == {2: "Name is empty."}
    done = load("partner", "Partner no,Name,Status,Tier\nACME,Acme,,\n")
    assert done.counts["unchanged"] == 1 and Partner.get().status == "active"


def test_an_empty_cell_empties_what_may_be_empty(load, make):
    make.partner("Acme", territory="North")
    assert load("partner", "Partner no,Name,Territory\nACME,Acme,\n").counts["changed"] == 1
    assert Partner.get().territory == ""


def test_names_that_are_too_long_together_are_refused(load, acme):
    done = load("contact", f"Partner,First name,Last name,Email\nAcme,{'a' * 150},{'b' * 150},a@b.example\n")
    assert "At most 200 characters" in refused(done)[2]


def test_an_owner_of_another_partner_is_refused_in_the_check_too(database, load, make, acme, globex):
    make.stages()
    make.contact("Grace", partner=globex, email="grace@globex.example")
    for dry in (True, False):
        done = load("deal", "Deal no,Partner,Owner\nD1,Acme,grace@globex.example\n", dry=dry)
        assert refused(done) == {2: "The owner contact belongs to another partner."}


@pytest.mark.parametrize("cell", ["a\x00b", "\ud800"])
def test_characters_that_no_database_keeps_are_refused(load, make, cell):
    done = load("partner", "Partner no,Name\nP1,Acme\n", fixed={"type": "Shop"})
    with pytest.raises(Exception, match="characters that cannot be stored"):
        load("partner", "Partner no,Name\nP2,Acme\n", fixed={"type": cell})
    assert done.counts["made"] == 1 and Partner.select().count() == 1


def test_html_and_formulas_in_cells_are_only_text(load, make):
    name = "<script>alert(1)</script>"
    load("partner", f"Partner no,Name,Territory\nP1,{name},=cmd|'/c calc'!A1\n")
    assert (Partner.get().name, Partner.get().territory) == (name, "=cmd|'/c calc'!A1")


def test_unknown_managers_tiers_and_roles_are_added_by_an_admin_with_the_rows_that_name_them(database, load, make, sam):
    make.tier("Gold")
    done = load("partner", "Partner no,Name,Tier,Manager\nP1,Acme,gold,Tsvi Reiter\nP2,Globex,Ruby,tsvi reiter\n,Bad,Opal,Jae Pak\n", sam)
    assert done.added.facts() == {"manager": ["Tsvi Reiter"], "tier": ["Ruby"]}
    assert {p.name: (p.tier.name, p.manager.name) for p in Partner.select()} == {
        "Acme": ("Gold", "Tsvi Reiter"), "Globex": ("Ruby", "Tsvi Reiter"),
    }  # fmt: skip
    assert not Person.get(Person.name == "Tsvi Reiter").password_hash
    load("contact", "Partner,Email,Role\nP1,a@x.example,Owner; Buyer\nP1,b@x.example,owner\n", sam)
    assert [c.roles for c in Contact.select().order_by(Contact.id)] == [["Buyer", "Owner"], ["Owner"]]
    assert sorted(r.name for r in BusinessRole.select()) == ["Buyer", "Owner"]


def test_a_manager_adds_to_no_list(load, make, mia):
    done = load("partner", "Partner no,Name,Tier,Manager\nP1,One,Ruby,\nP2,Two,,Tsvi Reiter\n", mia)
    assert "“Ruby” is not one of the choices" in refused(done)[2] and "There is no person" in refused(done)[3]
    assert not Tier.select().exists()


def test_two_people_of_one_name_decide_nothing_and_make_no_third(load, make, sam):
    make.person("Jo Doe"), make.person("Jo Doe")
    done = load("partner", "Partner no,Name,Manager\nP1,Acme,Jo Doe\n", sam)
    assert "2 people are called “Jo Doe”" in refused(done)[2]
    assert Person.select().where(Person.name == "Jo Doe").count() == 2


def test_a_manager_changes_own_partners_only_and_new_ones_are_theirs(database, load, make, mia, acme, globex):
    done = load("partner", "Partner no,Name,Territory\nACME,Acme,North\nGLOBEX,Globex,North\nNEW,New,North\n", mia)
    assert refused(done) == {3: "GLOBEX is taken by a partner you may not change."}
    assert Partner.get(Partner.number == "NEW").manager_id == mia.id
    assert Partner.get(Partner.number == "GLOBEX").territory == ""


def test_a_manager_sells_to_own_partners_only(load, make, mia, globex):
    make.stages()
    done = load("deal", "Deal no,Partner\nD1,Acme\nD2,Globex\nD3,GLOBEX\n", mia)
    assert list(refused(done)) == [3, 4] and Deal.get().number == "D1"


def test_a_known_row_is_changed_and_never_doubled(database, load, make, acme):
    make.stages()
    text = DEALS + "D1,Acme,1.00,2026-07-01\nD2,Acme,2.00,2026-07-02\n"
    assert load("deal", text).counts == {"made": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert load("deal", text).counts == {"made": 0, "changed": 0, "unchanged": 2, "refused": 0}
    done = load("deal", DEALS + "D2,Acme,2.50,2026-07-02\nD3,Acme,3.00,2026-07-03\n")
    assert done.counts == {"made": 1, "changed": 1, "unchanged": 0, "refused": 0}
    assert [(d.number, d.amount, d.version) for d in Deal.select().order_by(Deal.number)] == [
        ("D1", 100, 1), ("D2", 250, 2), ("D3", 300, 1),
    ]  # fmt: skip


def test_a_check_counts_what_storing_then_does(database, load, make, acme):
    make.stages()
    make.deal("One", partner=acme, number="D1", amount=100, stage="Registered", closed_on=date(2026, 7, 1))
    text = DEALS + "D1,Acme,1.00,2026-07-01\nD2,Acme,2.00,2026-07-02\nD3,Acme,x,2026-07-03\n"
    checked = load("deal", text, dry=True)
    assert Deal.select().count() == 1 and not Import.select().exists()
    stored = load("deal", text)
    assert checked.counts == stored.counts == {"made": 1, "changed": 0, "unchanged": 1, "refused": 1}
    assert checked.refusals == stored.refusals


def test_deals_without_a_number_get_ones_that_nobody_has(database, load, make, acme):
    make.stages()
    make.deal("One", partner=acme, number="D00002")
    done = load("deal", "Deal no,Title,Partner\nD00003,Given,Acme\n,A,Acme\n,B,Acme\n")
    assert done.counts["made"] == 3, done.refusals
    assert {d.title: d.number for d in Deal.select()} == {
        "One": "D00002", "Given": "D00003", "A": "D00004", "B": "D00005",
    }  # fmt: skip


def test_a_new_deal_without_a_stage_is_in_the_first_and_a_known_one_stays(load, make, acme):
    make.stages()
    make.deal("Won", partner=acme, number="W", stage="Won")
    load("deal", "Deal no,Partner,Stage\nN,Acme,\nW,Acme,\n")
    assert {d.number: d.outcome for d in Deal.select()} == {"N": "open", "W": "won"}


def test_one_primary_contact_remains(database, load, make, acme):
    make.contact("Old", partner=acme, primary=True, number="C0")
    load("contact", "Contact no,Partner,Name,Primary\nC1,Acme,A,yes\nC2,Acme,B,yes\nC3,Acme,C,no\n")
    assert [c.number for c in Contact.select().where(Contact.primary == True)] == ["C2"]  # noqa: E712


def test_an_import_is_one_line_of_history_and_the_figures_it_touches_are_worked_out_again(load, make, acme):
    from prm.models import Job, Stale

    make.stages()
    load("deal", DEALS + "D1,Acme,1.00,2026-07-01\n")
    assert [a.verb for a in Activity.select()] == ["import.done"]
    assert (Stale.get().partner_id, Stale.get().day) == (acme.id, date(2026, 7, 1))
    assert Job.get().kind == "kpis.refresh"


def test_cells_of_a_workbook_need_no_format(load, make, acme):
    make.stages()
    rows = [["Deal no", "Partner", "Amount", "Closed on"], ["D1", "Acme", 1234, date(2026, 4, 3)]]
    assert load("deal", workbook(rows)).counts["made"] == 1
    assert (Deal.get().amount, Deal.get().closed_on) == (123400, date(2026, 4, 3))
