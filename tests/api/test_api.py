"""The API: the same rows, fields and checks as on the screens, for programs with a token."""
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from prm.access import tokens
from prm.core import clock
from prm.models import Activity, ApiToken, Contact, Deal, Partner, Person, records_of


@pytest.fixture
def api(database, client, make):
    """`api(sam)` asks with a token of Sam's that may write: `api(sam).get("/deal")`."""
    make.stages()

    class Program:
        def __init__(self, person, scope="write"):
            self.key = tokens.make(person, "Test", scope, 30)[1]

        def ask(self, method, path, body=None, **headers):
            given = {"Authorization": f"Bearer {self.key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
            data = None if body is None else json.dumps(body)
            return client.open(f"/api/v1{path}", method=method, data=data, content_type="application/json" if body is not None else None, headers=given)

        def get(self, path, **headers):
            return self.ask("GET", path, **headers)

        def post(self, path, body, **headers):
            return self.ask("POST", path, body, **headers)

        def patch(self, path, body, **headers):
            return self.ask("PATCH", path, body, **headers)

    return Program


# ── reading ──


def test_a_list_has_the_rows_and_fields_of_whoever_asks(api, make, sam, mia, ada, acme, globex):
    make.custom_field("secret", object="deal")
    make.deal("Acme deal", partner=acme, amount=123_450, custom={"secret": "zq"})
    make.deal("Globex deal", partner=globex)
    both = api(sam).get("/deal").json
    assert [deal["title"] for deal in both["data"]] == ["Acme deal", "Globex deal"] and both["next"] is None
    first = both["data"][0]
    assert (first["amount"], first["currency"], first["stage"], first["closed_on"], first["secret"]) == ("1234.50", "USD", "Won", "2026-07-15", "zq")
    assert first["partner"] == {"id": acme.id, "title": "Acme"}
    for person in (mia, ada):
        mine = api(person).get("/deal").json["data"]
        assert [deal["title"] for deal in mine] == ["Acme deal"] and ("secret" in mine[0]) == person.is_staff


def test_pages_follow_each_other_by_cursor_and_lose_nothing(api, make, sam, acme):
    for number in range(7):
        make.deal(f"Deal {number}", partner=acme)
    program, seen, cursor = api(sam), [], ""
    while cursor is not None:
        page = program.get(f"/deal?limit=3&cursor={cursor}").json
        seen += [deal["id"] for deal in page["data"]]
        cursor = page["next"]
    assert seen == sorted(deal.id for deal in Deal.select()) and len(seen) == 7


def test_a_field_narrows_it_and_q_searches(api, make, sam, acme, globex):
    make.deal("Forty bikes", partner=acme)
    make.deal("Ten helmets", partner=globex, stage="Lost")
    program = api(sam)
    assert [d["title"] for d in program.get("/deal?stage=Lost").json["data"]] == ["Ten helmets"]
    assert [d["title"] for d in program.get("/deal?q=forty&partner=Acme").json["data"]] == ["Forty bikes"]


def test_one_of_another_company_is_not_there(api, make, ada, globex):
    deal = make.deal(partner=globex)
    program = api(ada)
    for path in (f"/deal/{deal.id}", f"/partner/{globex.id}", "/deal/4242", "/kpi_result", "/spaceship", "/deal/99999999999999999999"):
        answer = program.get(path)
        assert answer.status_code == 404 and answer.mimetype == "application/problem+json", path


def test_a_forbidden_field_and_an_unknown_one_are_told_alike(api, make, ada, acme):
    program = api(ada)
    first, second = program.get("/deal?notes=x"), program.get("/deal?nonsense=x")
    assert first.status_code == second.status_code == 422
    assert first.json["detail"].replace("notes", "nonsense") == second.json["detail"]


# ── writing ──


def test_a_record_is_added_with_the_checks_of_the_form(api, make, sam, acme):
    answer = api(sam).post("/deal", {"title": "Forty bikes", "partner": acme.number, "amount": "1234.50", "stage": "won", "owner": None})
    made = Deal.get()
    assert answer.status_code == 201 and answer.headers["Location"] == f"/api/v1/deal/{made.id}"
    assert (made.amount, made.currency, made.outcome, made.partner_id) == (123_450, "USD", "won", acme.id) and made.closed_on is not None
    assert answer.json["number"] == f"D{made.id:05d}" and Activity.get(Activity.verb == "deal.created").actor_id == sam.id


def test_only_what_was_sent_changes_and_a_link_is_taken_by_its_id(api, make, sam, acme, globex):
    deal = make.deal("One", partner=acme, customer="Initech")
    answer = api(sam).patch(f"/deal/{deal.id}", {"title": "Two", "partner": {"id": globex.id, "title": "Globex"}})
    now = Deal.get_by_id(deal.id)
    assert answer.status_code == 200 and (now.title, now.customer, now.partner_id) == ("Two", "Initech", globex.id)


def test_what_was_read_can_be_sent_back_unchanged(api, make, sam, acme):
    make.custom_field("price", "money", object="deal")
    make.custom_field("share", "percent", object="deal")
    make.custom_field("tags", "choices", object="deal", choices=[["a", "Alpha"], ["b", "Beta"]])
    deal = make.deal("One", partner=acme, custom={"price": 1050, "share": 125_000, "tags": ["a", "b"]})
    program = api(sam)
    read = program.get(f"/deal/{deal.id}").json
    assert (read["price"], read["share"], read["tags"]) == ("10.50", "0.125", ["Alpha", "Beta"])
    sent = {key: value for key, value in read.items() if key in ("title", "price", "tags", "amount", "stage", "partner", "closed_on")} | {"share": 0.125}
    assert program.patch(f"/deal/{deal.id}", sent).status_code == 200
    assert not Activity.select().where(Activity.verb == "deal.changed").exists()


def test_the_same_key_makes_one(api, sam, acme):
    program, body = api(sam), {"title": "Once", "partner": acme.number}
    first, again = (program.post("/deal", body, Idempotency_Key="order-77") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200) and first.json["id"] == again.json["id"] and Deal.select().count() == 1
    assert program.post("/deal", body, Idempotency_Key="order-78").status_code == 201


def test_keys_are_told_apart_to_their_last_letter_and_from_those_of_forms(api, sam, acme, sign_in):
    program, body, long = api(sam), {"title": "Once", "partner": acme.number}, "k" * 199
    assert [program.post("/deal", body, Idempotency_Key=long + end).status_code for end in "ab"] == [201, 201]
    sign_in(sam).post("/partners/new", data={"name": "Nova", "status": "active", "once_key": f"api:{sam.id}:deal:order-1"})
    assert program.post("/deal", body, Idempotency_Key="order-1").status_code == 201


def test_who_saved_in_between_is_not_overwritten(api, make, sam, acme):
    deal = make.deal("One", partner=acme)
    program = api(sam)
    tag = program.get(f"/deal/{deal.id}").headers["ETag"]
    assert program.patch(f"/deal/{deal.id}", {"title": "Two"}, If_Match=tag).status_code == 200
    late = program.patch(f"/deal/{deal.id}", {"title": "Three"}, If_Match=tag)
    assert late.status_code == 409 and Deal.get_by_id(deal.id).title == "Two"


@pytest.mark.parametrize(("body", "field"), [
    ({"title": "X"}, "partner"), ({"partner": "Nobody"}, "partner"), ({"partner": "ACME", "amount": "lots"}, "amount"), ({"partner": "ACME", "stage": "Dreaming"}, "stage"),
    ({"partner": "ACME", "outcome": "won"}, "outcome"), ({"partner": "ACME", "id": 5}, "id"), ({"partner": "ACME", "title": "x" * 300}, "title"),
    ({"partner": "ACME", "title": ["x"]}, "title"), ({"partner": "ACME", "closed_on": "yesterday"}, "closed_on"), ({"partner": True}, "partner"), ([1, 2], None), ("x", None),
    ({"partner": "ACME", "amount": 1e308}, "amount"), ({"partner": "ACME", "title": "\u0000"}, "title"), ({"partner": {"id": "x"}}, "partner"), ({"partner": 10**30}, "partner"),
])  # fmt: skip
def test_bad_input_is_told_by_its_field_and_changes_nothing(api, sam, acme, body, field):
    answer = api(sam).post("/deal", body)
    assert answer.status_code == 422 and answer.json.get("field") == field and answer.json["detail"], answer.json
    assert not Deal.select().exists()


@pytest.mark.parametrize("data", [b"{", b"", b"\xff", b'{"title": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json_is_refused(api, sam, client, data):
    answer = client.post("/api/v1/deal", data=data, content_type="application/json", headers={"Authorization": f"Bearer {api(sam).key}"})
    assert answer.status_code == 422 and "no JSON" in answer.json["detail"]


def test_nobody_writes_what_they_may_not(api, make, ann, ada, mia, acme, globex, sam):
    assert api(ann).post("/deal", {"title": "X", "partner": acme.number}).status_code == 403
    assert api(ada).post("/partner", {"name": "X"}).status_code == 403
    assert api(mia).post("/deal", {"title": "X", "partner": globex.number}).status_code == 422
    assert api(sam).post("/scorecard", {}).status_code == 403
    assert not Deal.select().exists()


def test_an_executive_adds_a_colleague_to_their_own_company_only(api, ada, acme, globex):
    answer = api(ada).post("/contact", {"name": "Bo", "email": "bo@acme.example"})
    assert answer.status_code == 201 and Contact.get(Contact.name == "Bo").partner_id == acme.id
    refused = api(ada).post("/contact", {"name": "Cy", "partner": globex.id})
    assert refused.status_code == 422 and not Contact.select().where(Contact.name == "Cy").exists()


def test_objects_of_ones_own_are_there_too(api, make, sam, acme, grace):
    made = make.custom_object()
    make.custom_field("ends_on", "date", object="certification", audience="partner")
    answer = api(sam).post("/certification", {"name": "ISO", "partner": acme.id, "ends_on": "2027-01-31"})
    assert answer.status_code == 201 and records_of(made.id).get().custom == {"ends_on": "2027-01-31"}
    assert api(grace).get("/certification").json["data"] == []


# ── tokens ──


def test_without_a_good_token_nothing_is_told(api, client, sam, sign_in):
    for headers in ({}, {"Authorization": "Bearer prm_nonsense"}, {"Authorization": "Basic x"}):
        answer = client.get("/api/v1/deal", headers=headers)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert sign_in(sam).get("/api/v1/deal").status_code == 401, "a cookie is no token"


def test_a_token_ends_is_revoked_and_goes_with_its_person(api, sam, mia):
    program = api(sam)
    ApiToken.update(expires_at=clock.now() - timedelta(seconds=1)).execute()
    assert program.get("/deal").status_code == 401
    other = api(mia)
    Person.update(disabled_at=clock.now()).where(Person.id == mia.id).execute()
    assert other.get("/deal").status_code == 401
    third = api(sam)
    tokens.revoke(sam, ApiToken.select().order_by(ApiToken.id.desc()).get().id)
    assert third.get("/deal").status_code == 401


@pytest.mark.parametrize("end", ["a new password", "disabled", "signed out everywhere", "two-step reset"])
def test_what_ends_access_ends_its_tokens(api, sam, mia, end):
    from prm.access import invites, two_step
    from prm.accounts import services

    program = api(mia)
    if end == "a new password":
        services.change_password(mia, "nine quiet purple boats")
    elif end == "disabled":
        invites.disable_person(sam, mia)
        invites.enable_person(sam, mia)
    else:
        (invites.end_sessions if end == "signed out everywhere" else two_step.turn_off)(sam, mia)
    assert program.get("/deal").status_code == 401


def test_a_token_that_reads_does_not_write(api, sam, acme):
    assert api(sam, "read").post("/deal", {"title": "X", "partner": acme.number}).status_code == 403 and not Deal.select().exists()
    assert api(sam, "read").get("/deal").status_code == 200


def test_a_token_is_shown_once_and_kept_as_a_hash(database, sam, sign_in):
    client = sign_in(sam)
    shown = client.post("/profile/tokens", data={"name": "Sync", "scope": "read", "days": "90"}).text
    key = shown.partition('value="prm_')[2].partition('"')[0]
    assert len(key) > 30 and f"prm_{key}" not in client.get("/profile/tokens").text and key not in ApiToken.get().hash
    client.post(f"/profile/tokens/{ApiToken.get().id}/revoke")
    assert ApiToken.get().revoked_at is not None


def test_nobody_revokes_the_token_of_somebody_else(api, sam, mia, sign_in):
    api(sam)
    assert sign_in(mia).post(f"/profile/tokens/{ApiToken.get().id}/revoke").status_code == 404


def test_guessing_tokens_is_slowed_down(api, client):
    answers = [client.get("/api/v1/deal", headers={"Authorization": f"Bearer prm_{n}"}).status_code for n in range(62)]
    assert answers[0] == 401 and answers[-1] == 429


# ── its own description ──


def test_the_document_is_openapi_of_what_the_reader_may_know(api, make, sam, ada):
    make.custom_field("secret", object="deal")
    whole, mine = api(sam).get("/openapi.json").json, api(ada).get("/openapi.json").json
    assert whole["openapi"] == "3.1.0" and "secret" in whole["components"]["schemas"]["deal"]["properties"]
    assert "secret" not in json.dumps(mine) and "post" not in mine["paths"]["/partner"] and "post" in whole["paths"]["/partner"]
    assert set(whole["paths"]["/deal/{id}"]) == {"get", "patch", "parameters"}


def test_amounts_are_exact(api, make, sam, acme):
    deal = make.deal(partner=acme, amount=10**14 + 1)
    program = api(sam)
    assert Decimal(program.get(f"/deal/{deal.id}").json["amount"]) == Decimal("1000000000000.01")
    assert program.patch(f"/deal/{deal.id}", {"amount": 0.1}).json["amount"] == "0.10" and Deal.get().amount == 10
    assert Partner.select().exists()
