"""Setup's table of contents: found by any word, shown as the role allows; the launch checklist notices what is done."""
import re

import pytest

from prm.access.policy import may
from prm.core.text import searchable
from prm.setup.sections import SECTIONS, sections
from prm.ui.launch import steps

COMMON = set("a add all and any are as at be by can do each edit first for from has have how in is it its more new no none not of on one or out save see show that the "
             "their them then they this to up what when where which with you your yet page pages cancel skip content search jump back".split())  # fmt: skip


@pytest.mark.parametrize(("words", "name"), [
    ("logo", "Logo and colour"), ("custom field", "Objects and fields"), ("fiscal", "Organisation"), ("FISCAL YEAR", "Organisation"),
    ("smtp", "Outbox"), ("currency", "Organisation"), ("csv", "Import"), ("gold", "Tiers"), ("roll-up", "Objects and fields"), ("grades", "Scorecard periods and grades"),
])  # fmt: skip
def test_a_page_is_found_by_a_word_on_it(sign_in, sam, make, words, name):
    shown = sign_in(sam).get(f"/setup/?q={words}").text
    assert f"<b>{name}</b>" in shown


def test_every_label_of_a_page_finds_it(app, sign_in, sam, make):
    """Whatever stands beside an input or as a heading on the page itself."""
    client, lost = sign_in(sam), []
    with app.test_request_context():
        entries = [(e.href.partition("#")[0], e.name) for s in sections(sam) for e in s.entries if e.endpoint.startswith("setup.") and e.endpoint != "setup.outbox"]
    for href in {href for href, _ in entries}:
        main = client.get(href).text.partition("<main")[2].partition("</main>")[0]
        said = " ".join(re.findall(r"<(?:label|h1|h2|legend)[^>]*>(.*?)</(?:label|h1|h2|legend)>", main, re.S))
        for word in set(searchable(re.sub(r"<[^>]+>|&[a-z]+;|[^\w\s-]", " ", said)).split()) - COMMON - {"required", "scorecards", "cover"}:
            found = client.get("/setup/", query_string={"q": word}).text
            if not any(f'href="{at}' in found for at, _ in entries if at == href):
                lost.append((href, word))
    assert lost == []


def test_nothing_found_says_so(sign_in, sam, make):
    assert "No setting has that word" in sign_in(sam).get("/setup/?q=zebra").text


def test_what_a_role_may_not_change_is_not_shown(app, sign_in, sam, mia, make):
    with app.test_request_context():
        shown = {entry.do for section in sections(mia) for entry in section.entries}
        assert shown and all(may(mia, do) for do in shown)
        assert sum(len(s.entries) for s in sections(sam)) == sum(len(s.entries) for s in SECTIONS)
    assert 'aria-label="Setup"' in sign_in(sam).get("/").text and 'aria-label="Setup"' not in sign_in(mia).get("/").text


def test_the_launch_checklist_notices_what_is_done(app, sign_in, sam, make, acme):
    with app.test_request_context():
        done = {step.title: step.done for step in steps(sam)}
    assert done["Import your partners"] and done["Settle the organisation"] and not done["Show your brand"] and not done["Let a partner in"]
    make.organisation(brand="#0a7d4f")
    make.person("Ada", role="executive", partner=acme)
    with app.test_request_context():
        done = {step.title: step.done for step in steps(sam)}
    assert done["Show your brand"] and done["Let a partner in"] and not done["Ask them something"]
    shown = sign_in(sam).get("/setup/").text
    assert "Launch checklist" in shown and "4 of 10 done" in shown
