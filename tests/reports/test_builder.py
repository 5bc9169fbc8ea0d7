"""Building a report: the draft is the address, problems stand beside their inputs, saving keeps it."""
import json
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from werkzeug.datastructures import MultiDict

from prm.models import Activity, Report
from prm.reporting.content import Content
from prm.reports import asked
from prm.reporting.library import ready

DRAFT = {"object": "deal", "rows.0.field": "stage", "measures.0.fn": "sum", "measures.0.field": "amount", "measures.0.key": "won"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(sign_in, book, sam):
    return sign_in(sam)


def built(client, **changes):
    return client.get("/reports/new", query_string=DRAFT | changes, headers=HTMX)


def problems(text: str) -> list[str]:
    return [unescape(re.sub("<[^>]*>", "", found)).strip() for found in re.findall(r'<p class="err"[^>]*>(.*?)</p>', text, re.S)]


def test_a_new_report_begins_with_deals(client):
    page = client.get("/reports/new")
    assert page.status_code == 200 and "Live preview" in page.text and "Add a column…" in page.text


def test_the_answer_follows_the_draft_and_the_address_keeps_it(client):
    page = built(client)
    assert problems(page.text) == [] and '<hx-partial hx-target="#preview"' in page.text and "$180.00" in page.text
    kept = dict(parse_qsl(urlsplit(page.headers["HX-Replace-Url"]).query, keep_blank_values=True))
    assert kept == DRAFT
    assert "$180.00" in client.get(page.headers["HX-Replace-Url"]).text  # shared or loaded anew


def test_buttons_add_move_and_take_away_without_a_script(client):
    page = built(client, add="filters")
    assert 'name="filters.0.field"' in page.text and 'data-focus="filters.0.field"' in page.text and page.headers["HX-Reswap"] == "innerHTML"
    page = built(client, **{"rows.1.field": "partner", "up": "rows.1"})
    kept = dict(parse_qsl(urlsplit(page.headers["HX-Replace-Url"]).query))
    assert (kept["rows.0.field"], kept["rows.1.field"]) == ("partner", "stage")
    page = built(client, drop="rows.0")
    assert "rows.0.field" not in dict(parse_qsl(urlsplit(page.headers["HX-Replace-Url"]).query))


@pytest.mark.parametrize(("changes", "said"), [
    ({"filters.0.field": "stage", "filters.0.value": "Won", "logic": "1 AND (2"}, "logic"),
    ({"filters.0.field": "stage", "filters.0.value": "Won", "logic": "1 or 9"}, "9"),
    ({"filters.0.field": "stage", "filters.0.value": "Nowhere"}, "has no choice “Nowhere”"),
    ({"filters.0.field": "nonsense", "filters.0.value": "1"}, "There is no field “nonsense” here."),
    ({"measures.1.formula": "won / "}, "stops too early"),
    ({"measures.1.formula": "won ? 2"}, "at character 5"),
    ({"measures.1.formula": "other * 2"}, "which is no measure here"),
    ({"measures.1.formula": "ratio + 1", "measures.1.key": "ratio"}, "refers to itself"),
    ({"chart.kind": "scatter"}, "needs two measures"),
    ({"chart.kind": "bar", "chart.y": "gone"}, "which is no measure of this report"),
    ({"object": "nonsense"}, "There is no “nonsense” to ask about."),
    ({"rows.0.field": "notes"}, "cannot be grouped by"),
    ({"filters.0.field": "amount", "filters.0.op": "above", "filters.0.value": "1e2000000"}, ""),
])  # fmt: skip
def test_what_is_wrong_is_said_and_the_last_good_answer_stays(client, changes, said):
    page = built(client, **changes)
    assert page.status_code == 200 and any(said in text for text in problems(page.text)), problems(page.text)
    assert "hx-partial" not in page.text  # the preview is left as it was


def test_a_draft_is_saved_and_opens_again_as_it_was(client, sam):
    form = DRAFT | {"filters.0.field": "outcome", "filters.0.op": "is", "filters.0.value": "won", "filters.0.open": "1", "chart.kind": "bar",
                    "marks.0.key": "won", "marks.0.op": "below", "marks.0.than": "40", "marks.0.tone": "bad", "marks.0.word": "Weak",
                    "name": "Won by stage", "folder": "Sales", "sharing": "staff"}  # fmt: skip
    answer = client.post("/reports/new", data=form)
    made = Report.get()
    assert answer.location == f"/reports/{made.id}" and (made.name, made.folder.name, made.owner_id) == ("Won by stage", "Sales", sam.id)
    content = Content.parse(made.content)
    assert content.open == (1,) and content.highlights[0].word == "Weak" and content.question.chart == {"kind": "bar"}
    assert Activity.select().where(Activity.verb == "report.created").count() == 1
    page = client.get(f"/reports/{made.id}/edit").text
    assert 'value="Won by stage"' in page and 'name="filters.0.value" value="won"' in page and "$180.00" in page


@pytest.mark.parametrize(("changes", "said"), [
    ({"name": ""}, "Give the report a name."), ({"name": "x" * 121}, "At most 120 characters."),
    ({"name": "Wrong", "logic": "1 and 5", "filters.0.field": "stage", "filters.0.value": "Won"}, "mend what is marked first"),
])  # fmt: skip
def test_what_cannot_be_saved_keeps_everything_that_was_typed(client, changes, said):
    answer = client.post("/reports/new", data=DRAFT | {"sharing": "private"} | changes)
    assert answer.status_code == 422 and said in answer.text and 'name="measures.0.key" value="won"' in answer.text
    assert not Report.select().exists()


def test_of_two_who_save_the_second_is_told(client, make, sam):
    made = make.report("Both", owner=sam)
    form = DRAFT | {"name": "Both", "sharing": "private", "version": "1"}
    assert client.post(f"/reports/{made.id}/edit", data=form).status_code == 303
    answer = client.post(f"/reports/{made.id}/edit", data=form | {"name": "Mine"})
    assert answer.status_code == 409 and "Somebody else saved this report" in answer.text and Report.get_by_id(made.id).name == "Both"


def test_an_analyst_builds_but_does_not_share_with_partners(sign_in, book, ann, ada):
    client = sign_in(ann)
    assert "Staff and partners" not in client.get("/reports/new").text
    assert client.post("/reports/new", data=DRAFT | {"name": "All", "sharing": "partners"}).status_code == 403
    assert client.post("/reports/new", data=DRAFT | {"name": "All", "sharing": "staff"}).status_code == 303
    assert sign_in(ada).get("/reports/new").status_code == 403


def test_two_questions_stand_beside_each_other(client):
    page = built(client, join="1")
    joined = dict(parse_qsl(urlsplit(page.headers["HX-Replace-Url"]).query, keep_blank_values=True))
    assert joined["p2.object"] == "deal" and joined["p2.rows.0.field"] == "stage"
    page = client.get("/reports/new", query_string=joined | {"p2.title": "How many", "title": "How much"})
    assert "How many" in page.text and problems(page.text) == []


@pytest.mark.parametrize("key", [each.key for each in ready()])
def test_a_ready_report_goes_into_the_form_and_out_again(key):
    content = next(each.content.data for each in ready() if each.key == key)
    tree = asked.tree_of(MultiDict(asked.pairs_of(asked.tree_from(content))))
    again = asked.content_of(tree)
    assert asked.tree_from(again) == asked.tree_from(content) and Content.parse(again).shape == Content.parse(content).shape


NAMES = some.sampled_from(["object", "fields", "filters.0.field", "filters.1.value", "filters.99.op", "rows.0.field", "rows.0.bucket.0.name", "measures.0.formula",
                           "measures.x.fn", "p2.object", "p9.object", "chart.y", "chart.kind", "marks.0.key", "filters", "rows", "logic", "limit", "sort", "a.b.c.d.e.f.g.h",
                           "filters.0", "filters.0.filters.0.value", "filters.0.has", "p2", "p2.rows.0", "", ".", "0", "measures.0.where.0.field"])  # fmt: skip
WORDS = some.text(max_size=30) | some.sampled_from(["deal", "stage", "amount", "sum", "count", "1 and 2", "without", "won / 0", "10000000000000000000", "\x00"])


@settings(max_examples=300, deadline=None)
@given(pairs=some.lists(some.tuples(NAMES, WORDS), max_size=12), verb=some.sampled_from(["", "add", "drop", "up", "down", "join", "pick"]), path=NAMES | WORDS)
def test_no_address_breaks_the_form(pairs, verb, path):
    tree = asked.tree_of(MultiDict(pairs))
    asked.act(tree, MultiDict([(verb, path)] if verb else []))
    once = asked.tree_of(MultiDict(asked.pairs_of(tree)))
    assert asked.pairs_of(asked.tree_of(MultiDict(asked.pairs_of(once)))) == asked.pairs_of(once)
    json.dumps(asked.content_of(tree))


@pytest.mark.parametrize("number", range(20))
def test_no_draft_is_answered_with_an_error_page(client, number):
    """Random parts together, as nobody would choose them."""
    import random

    chance = random.Random(number)
    values = ["deal", "partner", "stage", "amount", "closed_on", "sum", "count", "mean", "month", "formula", "won", "1", "last 4 quarters", "x", "", "without", "bar", "number"]
    names = ["object", "fields", "filters.0.field", "filters.0.op", "filters.0.value", "filters.1.has", "filters.1.object", "rows.0.field", "rows.0.by", "rows.1.field",
             "columns.0.field", "measures.0.fn", "measures.0.field", "measures.1.formula", "measures.1.key", "chart.kind", "chart.x", "chart.y", "sort", "limit", "logic",
             "p2.object", "p2.rows.0.field", "p2.measures.0.fn", "marks.0.key", "marks.0.than"]  # fmt: skip
    for _ in range(25):
        query = {name: chance.choice(values) for name in chance.sample(names, chance.randint(1, len(names)))}
        assert client.get("/reports/new", query_string=query).status_code == 200, query
