"""The list of a period."""
import pytest

from prm.models import Scorecard


@pytest.fixture
def listed(make, acme, globex, quarter):
    globex.territory = "South"
    globex.save()
    return make.scorecard(globex, score="80", grade="C", rank=2)


def names(page):
    return [part.split("</a>")[0].split(">")[-1] for part in page.text.split('scope="row">')[1:]]


def test_the_newest_period_that_is_over_comes_first_and_others_are_in_the_address(sign_in, make, acme, listed, sam):
    make.scorecard(acme, "2099-Q1", "50")
    client = sign_in(sam)
    assert names(client.get("/scorecards/")) == ["Acme", "Globex"]
    assert names(client.get("/scorecards/?period=2026-Q2")) == ["Acme"]
    assert names(client.get("/scorecards/?period=2099-Q1")) == ["Acme"]
    assert names(client.get("/scorecards/?period=nonsense")) == ["Acme", "Globex"]


def test_search_filters_and_sort_are_those_of_every_list(sign_in, listed, sam):
    client = sign_in(sam)
    assert names(client.get("/scorecards/?period=2026-Q3&q=glob")) == ["Globex"]
    assert names(client.get("/scorecards/?period=2026-Q3&f.partner.territory=North")) == ["Acme"]
    assert names(client.get("/scorecards/?period=2026-Q3&f.grade=C")) == ["Globex"]
    assert names(client.get("/scorecards/?period=2026-Q3&sort=score")) == ["Globex", "Acme"]
    assert names(client.get("/scorecards/?period=2026-Q3&f.state=Published")) == []


def test_each_role_sees_its_own(sign_in, listed, published, mia, ann, ada, grace):
    assert names(sign_in(ann).get("/scorecards/?period=2026-Q3")) == ["Acme", "Globex"]
    assert names(sign_in(mia).get("/scorecards/?period=2026-Q3")) == ["Acme"]
    assert names(sign_in(ada).get("/scorecards/")) == ["Acme"]
    assert "once they are published" in sign_in(grace).get("/scorecards/").text


def test_the_button_says_how_many_and_that_it_cannot_be_undone(sign_in, listed, sam, ann):
    page = sign_in(sam).get("/scorecards/?period=2026-Q3").text
    assert "Publish 2 scorecards of Q3 2026?" in page and "cannot be undone" in page
    assert "Publish all drafts" not in sign_in(ann).get("/scorecards/?period=2026-Q3").text


def test_no_more_queries_for_more_rows(sign_in, make, listed, sam):
    from tests.scorecards.test_content import db

    client, counts = sign_in(sam), []
    for more in (0, 40):
        for at in range(more):
            make.scorecard(make.partner(f"Partner {at}"))
        asked, real = [], db.obj.execute_sql
        db.obj.execute_sql = lambda sql, *rest, asked=asked, real=real, **named: asked.append(sql) or real(sql, *rest, **named)
        client.get("/scorecards/?period=2026-Q3")
        del db.obj.execute_sql
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


def test_without_any_it_says_what_to_do(sign_in, sam):
    Scorecard.delete().execute()
    assert "once KPIs have figures" in sign_in(sam).get("/scorecards/").text
