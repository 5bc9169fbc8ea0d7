"""Each component draws what it says, for a screen reader too, and escapes what it is given."""
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import MultiDict

from prm.ui import assets
from prm.ui.components import hue, initials
from tests.ui.conftest import ThingForm

EVIL = "<img src=x onerror=alert(1)> \"quoted\" & 'so'"

SNIPPETS = [
    ('{{ ui.icon("check") }}', '#check"/></svg>'),
    ('{{ ui.avatar("Ingrid Moe") }}', ">IM</span>"),
    ('{{ ui.badge("Late", "bad", "clock") }}', 'class="badge bad"'),
    ('{{ ui.status("Active") }}', 'class="badge good"'),
    ('{{ ui.status("Something else") }}', 'class="badge "'),
    ('{{ ui.tier("Gold") }}', 'class="badge tier gold"'),
    ('{{ ui.tier("Diamond", 0) }}', 'class="badge tier t0"'),
    ('{{ ui.grade("A") }}', '<span class="sr">Grade </span>A'),
    ('{{ ui.grade("") }}', "–"),
    ('{{ ui.standing("warn") }}', "Close"),
    ('{{ ui.standing("none") }}', "No target"),
    ('{{ ui.score("61", "warn") }}', "fair"),
    ('{{ ui.delta("4 pts", true) }}', '<span class="sr">up </span>4 pts'),
    ('{{ ui.delta("4 pts", true, good_up=false) }}', 'class="delta down"'),
    ('{{ ui.delta("0 pts", none) }}', '<span class="delta">0 pts</span>'),
    ('{{ ui.who("Ingrid Moe", "/people/1", "Sales lead") }}', 'href="/people/1"'),
    ("{{ ui.csrf() }}", 'name="csrf_token"'),
    ('{{ ui.copy("https://x.example/i/1") }}', 'data-copy="https://x.example/i/1"'),
    ('{{ ui.post_button("/undo", "Undo", confirm="Sure?") }}', 'hx-confirm="Sure?"'),
    ('{{ ui.page_head("Partners", "All of them") }}', "<h1>Partners</h1><p>All of them</p>"),
    ('{% call ui.page_head("Partners") %}<a>Add</a>{% endcall %}', "<a>Add</a>"),
    ('{{ ui.crumbs([("Partners", "/partners/"), ("Acme", "")]) }}', '<span aria-current="page">Acme</span>'),
    (
        '{{ ui.tabs([("Deals", "/x", true, 3)], "Sections", "tab") }}',
        'aria-current="page" hx-get="/x" hx-target="#tab"',
    ),
    ('{{ ui.switcher([("Month", "/m", true)], "Length") }}', 'aria-current="true"'),
    ('{{ ui.period_switch("Q3 2026", back="/b", periods=[("k", "Q3 2026", "/k")]) }}', 'aria-label="Period before"'),
    ('{{ ui.steps(["File", "Check", "Done"], 2) }}', '<li class="done">File</li><li aria-current="step">Check</li>'),
    ('{{ ui.empty("search", "Nothing here", "Try again.") }}', "Nothing here</h2>"),
    ('{{ ui.notice("The server is away.", "bad") }}', 'role="alert"'),
    ('{% call ui.menu("m", label="More") %}<a>Edit</a>{% endcall %}', 'popovertarget="m" aria-label="More"'),
    ('{% call ui.dialog("Invite") %}body{% endcall %}', '<h2 id="dialog-title">Invite</h2>'),
    ('{{ ui.progress("job", "/job", "Importing", 3, 10) }}', 'hx-get="/job" hx-trigger="every 1s"'),
    ('{{ ui.progress("job", "/job", "Importing", 3, 10) }}', "30%, 3 of 10"),
    ('{{ ui.kpi("Revenue", "€1.21M", "/deals/") }}', '<a href="/deals/">Revenue</a>'),
    ('{{ ui.facts([("Orders", "13", "of 20")]) }}', "<dt>Orders</dt>"),
    ('{{ ui.key_values([("Territory", "Canada")]) }}', "<dt>Territory</dt><dd>Canada</dd>"),
    ('{{ ui.attainment(110, "110%", "good") }}', 'class="mark"'),
    ('{{ ui.legend([("Target", "ds", "other")]) }}', 'class="ds"'),
    ('{{ ui.toast("Saved", "/undo") }}', 'hx-post="/undo"'),
    ('{{ ui.found([("Partners", [("Acme", "/p/1", "handshake", "Gold")])]) }}', 'role="option"'),
    ("{{ ui.found([]) }}", "Nothing found"),
    ("{{ ui.logo(org, none) }}", ">K</span>"),
    ("{{ ui.shortcuts() }}", "Keyboard shortcuts"),
]


@pytest.mark.parametrize(("snippet", "drawn"), SNIPPETS)
def test_a_component_draws_what_it_says(render, organisation, snippet, drawn):
    assert drawn in render(snippet, org=organisation)


ESCAPING = [
    "{{ ui.badge(evil) }}", "{{ ui.status(evil) }}", "{{ ui.tier(evil) }}", "{{ ui.who(evil, evil, evil) }}",
    "{{ ui.grade(evil) }}", "{{ ui.score(evil) }}", "{{ ui.delta(evil, true) }}", "{{ ui.copy(evil, evil) }}",
    "{{ ui.empty('x', evil, evil) }}", "{{ ui.notice(evil) }}", "{{ ui.toast(evil, evil) }}",
    "{{ ui.kpi(evil, evil, evil, '', '', evil) }}", "{{ ui.facts([(evil, evil, evil)]) }}",
    "{{ ui.key_values([(evil, evil)]) }}", "{{ ui.tabs([(evil, evil, true, evil)], evil, 'x') }}",
    "{{ ui.found([(evil, [(evil, evil, 'x', evil)])]) }}", "{{ ui.post_button(evil, evil, confirm=evil) }}",
    "{{ ui.progress('job', evil, evil) }}", "{{ ui.crumbs([(evil, evil), (evil, '')]) }}",
    "{{ ui.page_head(evil, evil) }}", "{{ ui.period_switch(evil, evil, evil) }}",
]  # fmt: skip


@pytest.mark.parametrize("snippet", ESCAPING)
def test_no_component_lets_markup_through(render, snippet):
    html = render(snippet, evil=EVIL)
    assert "<img" not in html
    assert not re.search(r'="[^"]*"quoted"', html)


def test_the_same_mark_is_drawn_once_and_kept(look, render):
    render('{{ ui.icon("check") }}')
    before = look.jinja_env.globals["ui"].icon.cache_info().hits
    render('{{ ui.icon("check") }}')
    assert look.jinja_env.globals["ui"].icon.cache_info().hits == before + 1


def test_an_unknown_component_is_named(render):
    with pytest.raises(Exception, match="nonsense"):
        render("{{ ui.nonsense() }}")


def test_an_unknown_value_in_a_template_is_a_mistake_and_not_an_empty_page(render):
    with pytest.raises(Exception, match="undefined"):
        render("{{ nobody_gave_this }}")


@pytest.mark.parametrize(
    ("name", "letters"), [("Ingrid Moe", "IM"), ("Acme", "A"), ("(x) y-z", "Y"), ("…", "?"), ("", "?")]
)
def test_initials_are_of_the_first_and_the_last_word(name, letters):
    assert initials(name) == letters


def test_a_name_has_the_same_colour_every_time():
    assert hue("Acme") == hue("Acme") and 0 <= hue("\ud800 lone surrogate") < 8


@pytest.fixture
def form(look):
    """A thing's form as it was refused."""

    def sent(**data):
        with look.test_request_context("/", method="POST", data=MultiDict(data)):
            form = ThingForm()
            form.validate()
            return form

    return sent


def test_a_field_ties_its_label_hint_and_error_together(render, form):
    wrong, right = form(), form(name="Lamp", size="s", way="up")
    html = render("{{ ui.field(form.name) }}", form=wrong)
    assert '<label for="name">' in html and 'aria-describedby="name-note"' in html and 'aria-invalid="true"' in html
    assert '<p class="err" id="name-note">' in html and "A thing needs a name." in html
    assert '<p class="hint" id="name-note">As on the &lt;contract&gt;</p>' in render(
        "{{ ui.field(form.name) }}", form=right
    )


def test_each_kind_of_field_has_its_input(render, form):
    html = render("{% for each in form %}{{ ui.field(each) }}{% endfor %}", form=form(name="Lamp", size="l", tags="b"))
    for part in (
        '<textarea class="textarea"',
        '<select class="select"',
        '<option selected value="l">',
        "<fieldset",
        'type="radio"',
        'type="checkbox" name="tags" value="b" checked',
        'class="check"',
        'class="file"',
    ):
        assert part in html, part


def test_every_visible_input_has_a_label(render, form):
    html = render("{% for each in form %}{{ ui.field(each) }}{% endfor %}", form=form())
    inputs = set(
        re.findall(r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|radio|checkbox)")[^>]*\bid="([^"]+)"', html)
    )
    assert inputs <= set(re.findall(r'<label for="([^"]+)"', html)) and inputs


def test_a_text_with_suggestions_offers_them_and_takes_others(render, form):
    given = form(name="Lamp")
    given.name.suggestions = ["Lamp", "Table & chair"]
    html = render("{{ ui.field(form.name) }}", form=given)
    assert 'list="name-list"' in html and '<option value="Table &amp; chair">' in html


def test_the_summary_of_a_refused_form_links_to_each_field(render, form):
    html = render("{{ ui.error_summary(form) }}", form=form())
    assert 'role="alert"' in html and '<a href="#name">Name</a>' in html
    assert render("{{ ui.error_summary(form) }}", form=form(name="Lamp", size="s", way="up")).strip() == ""


def test_a_lost_race_is_told_above_the_form(render, form):
    given = form(name="Lamp", size="s", way="up")
    given.refusal, given.conflict = "Mia saved it first.", {"name": "Table"}
    html = render("{{ ui.error_summary(form) }}", form=given)
    assert "Mia saved it first." in html and ">Name</th><td>Table</td><td>Lamp</td>" in html


def _list():
    cell = SimpleNamespace(text="Acme", href="/partners/1", css="", kind="", sub="", value="Acme")
    head = SimpleNamespace(key="name", label="Name", css="", href="/partners/?sort=name", sorted="ascending")
    return SimpleNamespace(
        path="/partners/",
        args=MultiDict({"q": "50%"}),
        choices=[],
        hidden=[("sort", "-name")],
        problems=[],
        chips=[SimpleNamespace(words="Tier is Gold", href="/partners/")],
        groups=(("Partner", (("name", "Name"),)),),
        shown=("name",),
        usual=("name",),
        avatar="",
        sizes=(25, 50),
        per=25,
        cleared="/partners/",
        heads=[head],
        records=[(1, [cell])],
        count=701,
        first=26,
        last=50,
        page=2,
        pages=29,
        nearby=lambda: [1, 2, None, 29],
        url=lambda **changes: "/partners/?x",
    )


def test_a_list_says_where_one_is_and_how_it_is_sorted(render):
    html = render('{{ ui.list_table(table, "Partners") }}{{ ui.pager(table) }}', table=_list())
    assert 'aria-sort="ascending"' in html and "26–50 of 701" in html and 'aria-current="page">2<' in html
    assert '<th scope="row"><a class="trunc" href="/partners/1">Acme</a>' in html


def test_a_list_works_without_a_script(render):
    html = render(
        '{{ ui.list_toolbar(table, "Search") }}{{ ui.list_chips(table) }}{{ ui.pager(table) }}', table=_list()
    )
    assert 'action="/partners/"' in html and 'value="50%"' in html and 'name="sort" value="-name"' in html
    assert all("href=" in link for link in re.findall(r"<a[^>]*>", html))


def test_every_icon_that_is_used_is_in_the_sprite():
    sprite = set(re.findall(r'id="([\w-]+)"', (assets.STATIC / "vendor/icons.svg").read_text()))
    root = assets.STATIC.parent
    sources = [*(root / "templates").rglob("*.html"), *(root / "prm").rglob("*.py")]
    used = {name for path in sources for name in _icons(path)}
    assert used and not used - sprite


def _icons(path: Path) -> set[str]:
    text = path.read_text()
    return set(re.findall(r"""\bicon(?:_name)?[(=]\s*["']([a-z][\w-]+)["']""", text)) | set(
        re.findall(r"""ui\.(?:empty|toast)\(\s*["']([a-z][\w-]+)["']""", text)
    )
