"""The list of people: who is in it for whom, and finding somebody."""
import pytest

from prm.core import clock


@pytest.fixture
def crowd(sam, mia, ann, ada, pat, max_of_acme, grace):
    return {person.name: person for person in (sam, mia, ann, ada, pat, max_of_acme, grace)}


def names(client, **query):
    page = client.get("/people/", query_string=query).text.split("<tbody>")
    return [part.split(">")[1].split("<")[0] for part in page[-1].split('class="trunc" href="/people/')[1:]] if len(page) > 1 else []


def test_an_admin_sees_everybody(sign_in, sam, crowd):
    assert sorted(names(sign_in(sam))) == sorted(crowd)


def test_a_manager_sees_staff_and_the_portal_users_of_their_partners(sign_in, mia, crowd):
    assert "Grace Hopper" not in names(sign_in(mia))
    assert {"Ada Byron", "Pat Moss", "Sam Ortega"} <= set(names(sign_in(mia)))


def test_an_executive_sees_their_colleagues_only(sign_in, ada, crowd):
    assert sorted(names(sign_in(ada))) == ["Ada Byron", "Max Brand", "Pat Moss"]


@pytest.mark.parametrize("who", ["pat", "max_of_acme"])
def test_other_portal_users_do_not_get_in(sign_in, request, crowd, who):
    assert sign_in(request.getfixturevalue(who)).get("/people/").status_code == 403


@pytest.mark.parametrize(("query", "found"), [
    ({"q": "hopper"}, ["Grace Hopper"]), ({"q": "GLOBEX"}, ["Grace Hopper"]), ({"q": "sam@kes"}, ["Sam Ortega"]),
    ({"role": "analyst"}, ["Ann Lee"]), ({"q": "50%"}, []), ({"q": "C++"}, []), ({"q": "o'x\0\ud800"}, []), ({"q": "_" * 900}, []),
    ({"role": "nonsense", "state": "nonsense", "q": "Pat"}, ["Pat Moss"]), ({"page": "99999999999", "q": "Pat"}, ["Pat Moss"]),
])  # fmt: skip
def test_people_are_found(database, sign_in, sam, crowd, query, found):
    query = {key: value.encode("utf-8", "replace").decode() for key, value in query.items()}
    assert names(sign_in(sam), **query) == found


def test_people_are_found_by_their_state(database, sign_in, sam, make):
    make.person("Ina", role="analyst", email="ina@kestrel.example")
    make.person("Dora", role="analyst", password="three quiet green boats", disabled_at=clock.now())
    make.person("Nell", role="manager", email=None)
    make.person("Alma", role="analyst", password="three quiet green boats")
    client = sign_in(sam)
    found = {state: names(client, state=state) for state in ("invited", "disabled", "named", "active")}
    assert found == {"invited": ["Ina", "Sam Ortega"], "disabled": ["Dora"], "named": ["Nell"], "active": ["Alma"]}


def test_a_long_list_has_pages_and_says_how_many(sign_in, sam, make):
    for number in range(60):
        make.person(f"Person{number:02d}", role="analyst")
    client = sign_in(sam)
    assert len(names(client)) == 50 and len(names(client, page="2")) == 11
    assert "1–50 of 61" in client.get("/people/").text


def test_htmx_gets_the_rows_alone(sign_in, sam):
    answer = sign_in(sam).get("/people/?q=sam", headers={"HX-Request": "true"})
    assert "<html" not in answer.text and "Sam Ortega" in answer.text
