"""Dashboards: one picture, each viewer's own figures, narrowed together."""
import re
from html import unescape

import pytest

from prm.dashboards.patterns import PATTERNS
from prm.models import Activity, Dashboard, Tile
from prm.reporting.library import ready
from tests.reports.conftest import BY_PARTNER, book  # noqa: F401

HTMX = {"HX-Request": "true"}


@pytest.fixture
def board(make, book, sam):  # noqa: F811
    report = make.report("Won by partner", BY_PARTNER, sharing="partners", owner=sam)
    return make.dashboard("Sales", report, sharing="partners", owner=sam)


def tile_of(client, board, query="", tile=None):
    tile = tile or Tile.get(Tile.dashboard == board.id)
    return client.get(f"/dashboards/{board.id}/tiles/{tile.id}{query}", headers=HTMX)


def total(text: str) -> str:
    last = text.split("ln-total")[1]
    return unescape(re.sub(r"<[^>]*>", " ", last.split("</tr>")[0])).split()[-1]


def test_one_dashboard_three_viewers_three_right_totals(database, sign_in, board, sam, ada, grace):
    assert {who.name: total(tile_of(sign_in(who), board).text) for who in (sam, ada, grace)} == {
        sam.name: "$180.00", ada.name: "$150.00", grace.name: "$30.00",
    }  # fmt: skip


def test_the_page_has_a_place_for_each_tile_and_asks_for_them_one_by_one(sign_in, board, sam):
    page = sign_in(sam).get(f"/dashboards/{board.id}?tier=Gold")
    assert page.status_code == 200 and 'hx-trigger="load"' in page.text and "tiles/" in page.text and "tier=Gold" in page.text
    assert "$180.00" not in page.text  # no slow tile delays it


def test_filters_narrow_every_tile_that_has_the_field_and_the_others_say_so(database, sign_in, board, make, sam, acme):
    client = sign_in(sam)
    assert total(tile_of(client, board, "?partner=Globex").text) == "$30.00"
    assert total(tile_of(client, board, "?period=2026-Q2").text) == "$50.00"
    people = Tile.create(dashboard=board, position=1, report=make.report("People", {"object": "contact", "measures": [{"key": "n", "fn": "count"}]}, owner=sam))
    make.contact("Cora", partner=acme)
    answer = tile_of(client, board, "?period=2026-Q2&partner=Acme", people)
    assert "Not narrowed by period" in answer.text and "As of" in answer.text
    assert "has no choice “Lead”" in tile_of(client, board, "?tier=Lead").text


def test_a_dashboard_opens_with_its_own_filters_until_others_are_chosen(sign_in, board, sam):
    Dashboard.update(filters={"partner": "Globex"}).execute()
    client = sign_in(sam)
    assert total(tile_of(client, board).text) == "$30.00" and total(tile_of(client, board, "?period=").text) == "$180.00"


def test_a_partner_is_not_told_what_else_a_dashboard_opens_with(sign_in, board, ada):
    Dashboard.update(filters={"partner": "Globex", "manager": "Zqmanager"}).execute()
    client = sign_in(ada)
    page = client.get(f"/dashboards/{board.id}").text
    assert "Globex" not in page and "Zqmanager" not in page and total(tile_of(client, board).text) == "$150.00"


def test_a_tile_equals_the_rows_behind_it_for_every_viewer(database, sign_in, board, sam, ada, grace):
    for who, count in ((sam, 3), (ada, 2), (grace, 1)):
        client = sign_in(who)
        links = [unescape(link) for link in re.findall(r'href="(/dashboards/[^"]*/rows[^"]*)"', tile_of(client, board).text)]
        pages = [client.get(link) for link in links]
        assert links and all(page.status_code == 200 for page in pages)
        assert f'role="status">{count} row' in pages[-1].text
        assert who is sam or who is grace or "Zqother" not in "".join(page.text for page in pages)


def test_a_tile_is_fresh_after_a_change(sign_in, board, make, acme, sam):
    client = sign_in(sam)
    assert total(tile_of(client, board).text) == "$180.00"
    make.deal("More", partner=acme, amount=1_000, stage="Won", closed_on=__import__("datetime").date(2026, 1, 2))
    assert total(tile_of(client, board).text) == "$190.00"


def test_a_tile_of_a_report_one_may_not_see_is_not_there(sign_in, board, make, sam, ada):
    hidden = Tile.create(dashboard=board, position=5, report=make.report("Inside", BY_PARTNER, sharing="staff", owner=sam))
    client = sign_in(ada)
    assert tile_of(client, board, tile=hidden).status_code == 404 and f"tile-{hidden.id}" not in client.get(f"/dashboards/{board.id}").text
    assert tile_of(sign_in(sam), board, tile=hidden).status_code == 200


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_template_makes_a_dashboard_that_is_answered(database, sign_in, book, ann, pattern):  # noqa: F811
    client = sign_in(ann)
    answer = client.post("/dashboards/new", data={"name": "", "pattern": pattern})
    made = Dashboard.get()
    assert answer.location == f"/dashboards/{made.id}" and made.name == PATTERNS[pattern].label
    tiles = list(Tile.select().where(Tile.dashboard == made.id))
    assert len(tiles) == len(PATTERNS[pattern].tiles)
    for tile in tiles:
        assert tile_of(client, made, tile=tile).status_code == 200
    assert {tile.text for tile in tiles} <= {each.key for each in ready()}


def test_tiles_are_added_sized_moved_and_taken_away(sign_in, board, make, sam):
    client = sign_in(sam)
    kpi = make.kpi("Revenue")
    for what, text in (("text", "# Hello\n<script>x</script> [site](javascript:alert(1))"), ("ready:revenue-by-tier", ""), (f"kpi:{kpi.id}", "")):
        assert client.post(f"/dashboards/{board.id}/tiles", data={"what": what, "text": text}).status_code == 303
    tiles = list(Tile.select().where(Tile.dashboard == board.id).order_by(Tile.position))
    assert [tile.kind for tile in tiles] == ["report", "text", "ready", "kpi"]
    page = tile_of(client, board, tile=tiles[1]).text
    assert "<h3>Hello</h3>" in page and "<script>" not in page and "javascript:" not in page.replace("(javascript:", "")
    assert tile_of(client, board, tile=tiles[3]).status_code == 200
    address = f"/dashboards/{board.id}/tiles/{tiles[2].id}"
    client.post(address, data={"do": "save", "width": "12", "title": "By tier", "show": "table"})
    client.post(address, data={"do": "up"})
    assert [tile.kind for tile in Tile.select().where(Tile.dashboard == board.id).order_by(Tile.position)] == ["report", "ready", "text", "kpi"]
    assert (Tile.get_by_id(tiles[2].id).width, Tile.get_by_id(tiles[2].id).look) == (12, {"show": "table"})
    client.post(address, data={"do": "remove"})
    assert not Tile.get_or_none(Tile.id == tiles[2].id)
    assert client.post(f"/dashboards/{board.id}/tiles", data={"what": "nonsense"}).status_code == 422
    assert client.post(f"/dashboards/{board.id}/tiles", data={"what": "report:4242"}).status_code == 404


def test_a_dashboard_is_one_roles_home_and_takes_the_place_of_the_other(sign_in, board, make, sam, ada, pat):
    other = make.dashboard("Other", owner=sam, sharing="partners", home_of="executive")
    form = {"name": "Sales", "description": "", "sharing": "partners", "home_of": "executive", "tier": "Gold"}
    assert sign_in(sam).post(f"/dashboards/{board.id}/edit", data=form).status_code == 303
    assert (Dashboard.get_by_id(board.id).home_of, Dashboard.get_by_id(other.id).home_of) == ("executive", "")
    assert Dashboard.get_by_id(board.id).filters == {"tier": "Gold"}
    home = sign_in(ada).get("/").text
    assert all(f'hx-get="/dashboards/{board.id}/tiles/{tile.id}"' in home for tile in Tile.select().where(Tile.dashboard == board.id))
    assert "hx-get=\"/dashboards/" not in sign_in(pat).get("/").text
    assert f'href="/dashboards/{board.id}"' in sign_in(ada).get("/").text and f'href="/dashboards/{board.id}"' not in sign_in(pat).get("/").text
    assert Activity.select().where(Activity.verb == "dashboard.changed").count() == 1


def test_who_may_not_edit_one_is_refused(sign_in, board, ann, ada):
    client = sign_in(ann)
    for path in ("/edit", "/tiles", "/delete"):
        assert client.post(f"/dashboards/{board.id}{path}", data={"what": "text", "text": "x", "name": "x", "sharing": "staff"}).status_code == 403
    assert sign_in(ada).get(f"/dashboards/{board.id}/edit").status_code == 403


def test_one_is_deleted_and_brought_back(sign_in, board, sam, ada):
    client = sign_in(sam)
    assert "undelete" in client.post(f"/dashboards/{board.id}/delete", follow_redirects=True).text
    assert client.get(f"/dashboards/{board.id}").status_code == 404 and sign_in(ada).get(f"/dashboards/{board.id}").status_code == 404
    client.post(f"/dashboards/{board.id}/undelete")
    assert client.get(f"/dashboards/{board.id}").status_code == 200
