"""Fields that an admin makes, changes, orders, retires and deletes in the browser."""
from datetime import timedelta

import pytest

from prm.catalogue import records
from prm.catalogue.objects import catalogue
from prm.core import clock
from prm.core.errors import Conflict, Forbidden, Invalid
from prm.core.jobs import run_once
from prm.customize import converting, jobs, services
from prm.customize.kinds import CHOOSABLE
from prm.customize.uses import Uses
from prm.models import Activity, CustomField, Deal

BARE = {"help": "", "section": "", "audience": "staff", "required": False, "unique": False, "valid": "", "valid_message": "", "default": ""}


@pytest.fixture
def field(database, make, sam):
    """`field("money", "Price")` makes one of a deal."""
    make.stages()

    def made(kind, label, *, object="deal", **values):
        kept = {key: value for key, value in BARE.items() if CHOOSABLE[kind].typed or key not in ("required", "unique", "default", "valid", "valid_message")}
        return services.make_field(sam, services.object_of(sam, object), kind, kept | {"label": label} | values)

    return made


def lines(*labels, **more):
    return [{"value": "", "label": label, "colour": "", "retired": False, "place": at} | more for at, label in enumerate(labels, 1)]


def form(**values):
    return {key: value for key, value in (BARE | values).items() if value not in (False, None)}


# ── in the browser ──


@pytest.mark.parametrize("kind", [key for key in CHOOSABLE if key not in ("choice", "choices", "link", "formula", "rollup")])
def test_a_field_of_every_plain_kind_is_made_and_is_in_the_next_form(database, kind, sam, make, sign_in):
    make.stages()
    client = sign_in(sam)
    assert client.get(f"/setup/objects/deal/fields/new?kind={kind}").status_code == 200
    made = client.post("/setup/objects/deal/fields/new", data=form(kind=kind, label="Credit line"))
    assert made.location == "/setup/objects/deal"
    row = CustomField.get()
    assert (row.key, row.kind, row.audience) == ("credit_line", kind, "staff")
    assert 'name="credit_line"' in client.get("/deals/new").text
    assert "Credit line" in client.get(made.location).text


def test_a_choice_has_colours_places_and_what_is_retired(database, sam, make, sign_in):
    make.stages()
    client = sign_in(sam)
    given = {"choices-0-label": "Low", "choices-0-place": 2, "choices-0-colour": "bad", "choices-1-label": "High", "choices-1-place": 1, "choices-2-label": ""}
    client.post("/setup/objects/deal/fields/new", data=form(kind="choice", label="Risk", default="low") | given)
    row = CustomField.get()
    assert row.choices == [["high", "High", "", False], ["low", "Low", "bad", False]] and row.default == "low"
    deal = make.deal(custom={"risk": "low"})
    assert '<span class="badge bad">' in client.get("/deals/?cols=title,risk").text
    kept = {"choices-0-value": "high", "choices-0-label": "Very high", "choices-0-place": 1, "choices-1-value": "low", "choices-1-label": "", "choices-1-place": 2}
    refused = client.post(f"/setup/objects/deal/fields/{row.id}", data=form(label="Risk") | kept)
    assert refused.status_code == 422 and "1 record has “Low”. Retire it instead" in refused.text
    kept |= {"choices-1-label": "Low", "choices-1-retired": "y", "choices-1-colour": "bad"}
    client.post(f"/setup/objects/deal/fields/{row.id}", data=form(label="Risk") | kept)
    assert CustomField.get().choices == [["high", "Very high", "", False], ["low", "Low", "bad", True]]
    assert "Low" in client.get(f"/deals/{deal.id}").text and ">Low<" not in client.get("/deals/new").text


def test_more_lines_are_given_without_losing_what_was_typed(database, sam, sign_in):
    client = sign_in(sam)
    typed = form(kind="choice", label="Risk") | {"choices-0-label": "Low", "choices-0-place": 1, "more": "1"}
    shown = client.post("/setup/objects/deal/fields/new", data=typed).text
    assert 'value="Low"' in shown and "choices-5-label" in shown and not CustomField.select().exists()


def test_what_is_wrong_is_said_beside_its_input_and_nothing_is_kept(database, sam, sign_in):
    client = sign_in(sam)
    for sent, said in (
        (form(kind="text", label=" "), "A name is needed."),
        (form(kind="text", label="Title"), "Deal has a field called Title already."),
        (form(kind="choice", label="Risk"), "Write at least one choice."),
        (form(kind="choice", label="Risk") | {"choices-0-label": "a", "choices-1-label": "A"}, "There are two choices called A."),
        (form(kind="choice", label="Risk", default="c") | {"choices-0-label": "a"}, "“c” is none of the choices."),
        (form(kind="link", label="Other", link=""), "Choose what it links to."),
        (form(kind="number", label="N", default="many"), "“many”"),
        (form(kind="formula", label="F", formula="1 +"), "The formula stops too early."),
        (form(kind="formula", label="F", formula="nothing * 2"), "which is not there. Fields to use: amount,"),
        (form(kind="formula", label="F", formula="share(amount)"), "a record has no total."),
        (form(kind="formula", label="F", formula="amount", audience="partner_edit"), "nobody edits it"),
        (form(kind="number", label="N", valid="n > 1"), "Say what is wrong"),
        (form(kind="rollup", label="R", rollup_fn="count"), "Choose"),
    ):
        answer = client.post("/setup/objects/deal/fields/new", data=sent)
        assert answer.status_code == 422 and said in answer.text.replace("&#34;", '"'), said
    assert not CustomField.select().exists()


def test_whoever_may_not_set_up_finds_no_door(database, mia, ada, make, sign_in):
    for person in (mia, ada):
        assert sign_in(person).get("/setup/objects/").status_code == 403
    with pytest.raises(Forbidden):
        services.make_field(mia, catalogue(mia)["deal"], "text", BARE | {"label": "X"})


def test_fields_are_ordered_by_buttons_and_by_drag(field, sam, sign_in):
    ids = [field("text", name).id for name in ("One", "Two", "Three")]
    client = sign_in(sam)
    client.post("/setup/objects/deal/order", data={"order": ids, "move": f"{ids[2]}:up"})
    assert [f.key for f in catalogue(sam)["deal"].fields if f.custom] == ["one", "three", "two"]
    client.post("/setup/objects/deal/order", data={"order": list(reversed(ids))})
    assert [f.key for f in catalogue(sam)["deal"].fields if f.custom] == ["three", "two", "one"]


# ── what a field does ──


def test_a_unique_field_takes_no_value_twice_by_hand_or_by_import(field, make, sam, acme, tmp_path, sign_in):
    from prm.transfers import running

    field("text", "Order code", unique=True)
    make.deal("First", partner=acme, number="D1", custom={"order_code": "A1"})
    make.deal("None", partner=acme, number="D2")
    refused = sign_in(sam).post("/deals/new", data={"title": "Second", "partner": acme.number, "order_code": "A1"})
    assert refused.status_code == 422 and "Another deal has the same order code." in refused.text
    path = tmp_path / "deals.csv"
    path.write_text(f"Deal no,Partner,Order code,Amount\nD1,{acme.number},A1,1\nD3,{acme.number},A1,1\nD4,{acme.number},B1,1\nD5,{acme.number},B1,1\n")
    done = running.import_file(sam, "deal", path)
    assert done.refusals == [(3, "Another deal has the same order code."), (5, "Line 4 has the same order code, B1.")]
    assert {d.number for d in Deal.select()} >= {"D1", "D4"}


def test_a_field_becomes_unique_only_where_no_value_is_there_twice(field, make, sam):
    row = field("text", "Order code")
    one, _ = make.deal("One", custom={"order_code": "A1"}), make.deal("Two", custom={"order_code": "A1"})
    with pytest.raises(Invalid, match="“A1”"):
        services.change_field(sam, catalogue(sam)["deal"], row, BARE | {"label": "Order code", "unique": True})
    assert not CustomField.get().unique
    Deal.update(custom={}).where(Deal.id == one.id).execute()
    services.change_field(sam, catalogue(sam)["deal"], CustomField.get(), BARE | {"label": "Order code", "unique": True})
    services.change_field(sam, catalogue(sam)["deal"], CustomField.get(), BARE | {"label": "Order code"})
    make.deal("Three", custom={"order_code": "A1"})


def test_a_formula_is_worked_out_for_every_record_and_follows_another(field, make, sam):
    field("number", "Seats")
    deal = make.deal(amount=100_00, custom={"seats": 4_000_000})
    first = field("formula", "Per seat", formula="amount / seats")
    field("formula", "Twice", formula="per_seat * 2")
    while run_once():
        pass
    assert Deal.get_by_id(deal.id).custom == {"seats": 4_000_000, "per_seat": 25_000_000, "twice": 50_000_000}
    services.change_field(sam, catalogue(sam)["deal"], first, {"label": "Per seat", "formula": "amount", "audience": "staff", "help": "", "section": ""})
    while run_once():
        pass
    assert Deal.get_by_id(deal.id).custom["twice"] == 200_000_000


def test_formulas_in_a_circle_are_refused(field, sam):
    first = field("formula", "One", formula="amount")
    field("formula", "Two", formula="one + 1")
    with pytest.raises(Invalid, match="One → Two → One|Two → One → Two"):
        services.change_field(sam, catalogue(sam)["deal"], first, {"label": "One", "formula": "two"})
    with pytest.raises(Invalid, match="cannot need itself"):
        services.change_field(sam, catalogue(sam)["deal"], CustomField.get_by_id(first.id), {"label": "One", "formula": "one"})
    assert CustomField.get_by_id(first.id).formula == "amount"


def test_a_roll_up_is_made_in_the_browser(database, sam, make, acme, sign_in):
    make.deal(partner=acme, amount=500_00)
    make.deal(partner=acme, amount=300_00, stage="Lost")
    client = sign_in(sam)
    sent = form(kind="rollup", label="Won", rollup_fn="sum", rollup_of="deal:partner", rollup_field="deal:amount", audience="partner",
                filter_field="deal:outcome", filter_op="is", filter_value="won")  # fmt: skip
    assert client.post("/setup/objects/partner/fields/new", data=sent).status_code == 303
    assert CustomField.get().rollup == {
        "fn": "sum", "object": "deal", "link": "partner", "field": "amount", "kind": "money",
        "filters": [{"field": "outcome", "op": "is", "value": "won"}],
    }  # fmt: skip
    assert "$500.00" in client.get("/partners/?cols=name,won").text
    shown = client.get(f"/setup/objects/partner/fields/{CustomField.get().id}").text
    assert 'selected value="deal:amount"' in shown and 'value="won"' in shown


# ── out and back ──


def test_a_retired_field_is_nowhere_and_comes_back_with_its_values(field, make, sam, sign_in):
    row = field("text", "Motto")
    deal = make.deal(custom={"motto": "Onwards"})
    client = sign_in(sam)
    client.post(f"/setup/objects/deal/fields/{row.id}/retire")
    assert "Onwards" not in client.get(f"/deals/{deal.id}").text and "Motto" in client.get("/setup/objects/deal").text
    client.post(f"/setup/objects/deal/fields/{row.id}/restore")
    assert "Onwards" in client.get(f"/deals/{deal.id}").text


def test_a_deleted_field_comes_back_within_30_days_and_is_gone_after(field, make, sam, sign_in):
    row = field("text", "Motto", unique=True)
    deal = make.deal(custom={"motto": "Onwards", "other": "kept"})
    client = sign_in(sam)
    client.post(f"/setup/objects/deal/fields/{row.id}/delete")
    assert "motto" not in catalogue(sam)["deal"].by_key
    client.post(f"/setup/objects/deal/fields/{row.id}/restore")
    assert "motto" in catalogue(sam)["deal"].by_key
    services.delete_field(sam, CustomField.get_by_id(row.id))
    CustomField.update(deleted_at=clock.now() - timedelta(days=29)).execute()
    assert jobs.purge(None) == {"fields": 0, "objects": 0}
    CustomField.update(deleted_at=clock.now() - timedelta(days=31)).execute()
    assert jobs.purge(None) == {"fields": 1, "objects": 0}
    assert Deal.get_by_id(deal.id).custom == {"other": "kept"} and not CustomField.select().exists()
    again = field("text", "Motto", unique=True)
    assert again.key == "motto"


def test_a_field_does_not_come_back_beside_another_of_its_name(field, sam):
    row = field("text", "Motto")
    services.delete_field(sam, row)
    field("text", "Motto")
    with pytest.raises(Invalid, match="another field called Motto"):
        services.restore_field(sam, catalogue(sam)["deal"], CustomField.get_by_id(row.id))


def test_where_a_field_is_used_is_told_before_it_goes(app, field, make, sam, mia, sign_in):
    row = field("number", "Seats")
    question = {"object": "deal", "fields": ["title"], "filters": [{"field": "seats", "op": "above", "value": "3"}]}
    make.report("Big ones", question, owner=sam)
    make.report("Secret", {"object": "contact", "fields": ["name"]}, owner=mia)
    make.kpi("Sold seats", question={"object": "deal", "measures": [{"key": "v", "fn": "sum", "field": "seats"}]})
    field("formula", "Twice", formula="seats * 2")
    services.make_field(sam, catalogue(sam)["partner"], "rollup", {"label": "All seats", "audience": "staff", "rollup": {"fn": "sum", "object": "deal", "link": "partner", "field": "seats"}})
    with app.test_request_context():
        used = [(use.what, use.name) for use in Uses(sam).of_field(row)]
    assert used == [("Report", "Big ones"), ("KPI", "Sold seats"), ("Field", "Deal: Twice"), ("Field", "Partner: All seats")]
    assert "Big ones" in sign_in(sam).get(f"/setup/objects/deal/fields/{row.id}").text


# ── another kind ──


def test_changing_a_kind_says_first_what_would_be_lost(field, make, sam, sign_in):
    row = field("text", "Seats")
    for number, text in enumerate(("12", "1,500", "many", "")):
        make.deal(f"Deal {number}", custom={"seats": text} if text else {})
    client = sign_in(sam)
    shown = client.get(f"/setup/objects/deal/fields/{row.id}/kind?kind=number").text
    assert "<b>2</b> values can be read as number." in shown and "<b>1</b> cannot, and would be lost." in shown
    assert "Deal 2" in shown and "many" in shown and CustomField.get().kind == "text"
    client.post(f"/setup/objects/deal/fields/{row.id}/kind", data={"kind": "number"})
    assert "Working through the records" in client.get(f"/setup/objects/deal/fields/{row.id}").text
    while run_once():
        pass
    assert CustomField.get().kind == "number"
    assert [d.custom for d in Deal.select().order_by(Deal.id)] == [{"seats": 12_000_000}, {"seats": 1_500_000_000}, {}, {}]
    assert Activity.get(Activity.verb == "field.converted").facts["lost"] == 1


def test_text_becomes_choices_and_choices_become_text(field, make, sam):
    row = field("text", "Region")
    for text in ("North", "north", "South"):
        make.deal(custom={"region": text})
    converting.convert(sam, row, "choice")
    row = CustomField.get()
    assert row.choices == [["north", "North"], ["south", "South"]] and [d.custom["region"] for d in Deal.select().order_by(Deal.id)] == ["north", "north", "south"]
    converting.convert(sam, row, "text")
    assert [d.custom["region"] for d in Deal.select().order_by(Deal.id)] == ["North", "North", "South"] and CustomField.get().choices == []


@pytest.mark.parametrize(("kind", "stored", "to", "expected"), [
    ("number", 250_000, "percent", 250_000), ("number", 12_500_000, "text", "12.5"), ("text", "01/02/2026", "date", None),
    ("text", "2026-12-31", "date", "2026-12-31"), ("date", "2026-12-31", "text", "2026-12-31"), ("text", "yes", "bool", True),
    ("bool", True, "text", "Yes"), ("money", 12_50, "number", 12_500_000), ("text", "x@y.example", "email", "x@y.example"), ("text", "hello", "email", None),
])  # fmt: skip
def test_each_value_is_read_anew(field, make, sam, kind, stored, to, expected):
    row = field(kind, "Value")
    deal = make.deal(custom={"value": stored})
    converting.convert(sam, row, to)
    assert Deal.get_by_id(deal.id).custom.get("value") == expected


def test_whoever_has_the_record_open_meanwhile_is_told(field, make, sam):
    row = field("text", "Value")
    deal = make.deal(custom={"value": "5"})
    converting.convert(sam, row, "number")
    from prm.catalogue import records

    with pytest.raises(Conflict):
        records.change(sam, catalogue(sam)["deal"], deal, {"title": "New"}, version=deal.version)


def test_a_worked_out_field_keeps_its_kind(field, sam):
    row = field("formula", "One", formula="amount")
    with pytest.raises(Invalid, match="cannot become"):
        converting.preview(catalogue(sam)["deal"], row, "text")




def test_the_history_of_a_value_is_told_as_what_it_was_then(field, make, sam, sign_in):
    row, deal = field("text", "Seats"), make.deal("Acme deal")
    client = sign_in(sam)
    records.change(sam, catalogue(sam)["deal"], deal, {"seats": "many"})
    converting.convert(sam, row, "number")
    records.change(sam, catalogue(sam)["deal"], Deal.get(), {"seats": 12})
    converting.convert(sam, CustomField.get(), "text")
    shown = client.get(f"/deals/{deal.id}").text
    assert "many" in shown and "12,000,000" not in shown and ">12<" in shown.replace(" ", "")
    assert client.get("/").status_code == client.get("/setup/audit").status_code == 200


def test_one_choice_and_several_keep_their_names_and_colours(field, make, sam):
    choices = [["low", "Small", "bad", False], ["high", "High; very", "good", False], ["old", "Old", "", True]]
    row = field("choices", "Sizes", choices=[{"value": "", "label": label, "colour": colour, "retired": retired, "place": at} for at, (_, label, colour, retired) in enumerate(choices)])
    kept = CustomField.get().choices
    values = [choice[0] for choice in kept]
    for held in ([values[0]], [values[1]], values[:2]):
        make.deal(custom={"sizes": held})
    preview = converting.preview(catalogue(sam)["deal"], row, "choice")
    assert (preview.kept, preview.lost) == (2, 1)
    converting.convert(sam, row, "choice")
    assert CustomField.get().choices == kept and [d.custom for d in Deal.select().order_by(Deal.id)] == [{"sizes": values[0]}, {"sizes": values[1]}, {}]
    converting.convert(sam, CustomField.get(), "choices")
    assert CustomField.get().choices == kept and Deal.select().order_by(Deal.id).first().custom == {"sizes": [values[0]]}


def test_a_roll_up_follows_the_kind_of_what_it_is_made_of(field, make, sam, acme):
    row = field("number", "Value")
    services.make_field(sam, catalogue(sam)["partner"], "rollup", {"label": "Total", "audience": "staff", "rollup": {"fn": "sum", "object": "deal", "link": "partner", "field": "value"}})
    make.deal(partner=acme, custom={"value": 12_000_000})
    converting.convert(sam, row, "money")
    row = CustomField.get(CustomField.key == "value")
    assert catalogue(sam)["partner"].by_key["total"].kind_key == "money"
    with pytest.raises(Invalid, match="“Total” is worked out from it"):
        converting.preview(catalogue(sam)["deal"], row, "text")
    with pytest.raises(Invalid):
        converting.convert(sam, row, "text")


def test_formulas_follow_a_value_however_far_it_is(field, make, sam):
    first, _, _ = field("formula", "F one", formula="amount"), field("formula", "F two", formula="f_one * 2"), field("formula", "F three", formula="f_two + 1")
    deal = make.deal(amount=1000)
    converting.recompute(sam, first)
    assert Deal.get_by_id(deal.id).custom["f_three"] == 21_000_000
    services.change_field(sam, catalogue(sam)["deal"], first, {"label": "F one", "audience": "staff", "formula": "amount * 3"})
    while run_once():
        pass
    assert Deal.get_by_id(deal.id).custom["f_three"] == 61_000_000


def test_a_change_of_kind_that_fails_says_why(field, make, sam, sign_in):
    row = field("text", "Code", unique=True)
    make.deal(custom={"code": "1"}), make.deal(custom={"code": "1.0"})
    client = sign_in(sam)
    client.post(f"/setup/objects/deal/fields/{row.id}/kind", data={"kind": "number"})
    while run_once():
        pass
    shown = client.get(f"/setup/objects/deal/fields/{row.id}").text
    assert "did not work" in shown and "Several records have the same value" in shown and "Working through" not in shown
    assert CustomField.get().kind == "text"


def test_a_field_is_not_saved_over_while_its_kind_changes(field, make, sam):
    row = field("text", "Seats")
    converting.start(sam, catalogue(sam)["deal"], row, "number")
    with pytest.raises(Invalid, match="being worked through"):
        services.change_field(sam, catalogue(sam)["deal"], row, {"label": "Seats", "audience": "partner"})


def test_a_choice_is_never_called_what_another_was_called_first(field, sam):
    row = field("choice", "Size", choices=[{"value": "", "label": "Low", "colour": "", "retired": False, "place": 1}])
    given = [{"value": "low", "label": "Small", "colour": "", "retired": False, "place": 1}, {"value": "", "label": "Low", "colour": "", "retired": False, "place": 2}]
    with pytest.raises(Invalid, match="called first"):
        services.change_field(sam, catalogue(sam)["deal"], row, {"label": "Size", "audience": "staff", "choices": given})


def test_a_field_of_staff_keeps_no_partner_from_saving_and_its_default_holds(field, make, sam, ada, acme):
    from prm.catalogue import keeping

    make.stages()
    field("text", "Checked by", audience="partner", required=True)
    field("text", "Origin", default="portal")
    made = keeping.add(ada, "deal", {"title": "Theirs"})
    assert Deal.get_by_id(made.id).custom == {"origin": "portal"}


def test_a_field_called_id_does_not_stand_in_for_the_id(field):
    assert field("text", "ID").key == "id_2"


def test_a_field_made_later_is_on_a_page_that_was_laid_out(field, make, sam):
    from prm.customize import layouts
    from prm.ui.layouts import sections

    layouts.save(sam, catalogue(sam)["deal"], "", [("title", "Main", True)])
    field("text", "Later", section="Main"), field("text", "Else")
    found = [(heading, [f.key for f in fields]) for heading, fields in sections(catalogue(sam)["deal"], sam)]
    assert found == [("Main", ["title", "later"]), ("Further fields", ["else"])]
