"""The API against its own description: whatever it says may be sent is answered as it says, and nobody meets a stranger's row."""
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import content_type_conformance, not_a_server_error, response_schema_conformance, status_code_conformance

from prm.access import tokens
from prm.models import Deal, Hit, Partner

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = 12


@pytest.fixture
def filled(store, app, monkeypatch, make, acme, ada, sam):
    monkeypatch.setitem(app.config, "COMPRESS_MIN_SIZE", 10**9)  # the library does not unpack what an application in memory answers
    make.stages()
    made = make.custom_object()
    for kind in ("text", "number", "money", "percent", "date", "datetime", "bool", "email", "url", "long_text"):
        make.custom_field(f"a_{kind}", kind, object="certification", audience="partner_edit")
    make.custom_field("a_choice", "choice", object="certification", audience="partner", choices=[["a", "Alpha"], ["b", "Beta"]])
    make.custom_field("several", "choices", object="deal", audience="partner", choices=[["a", "Alpha"], ["b", "Beta"]])
    strange = make.partner("Zqglobex")
    for partner in (acme, strange):
        make.deal(f"{partner.name} deal", partner=partner, owner=ada.contact if partner == acme else None)
        make.record(f"{partner.name} ISO", object=made, partner=partner)
        make.contact(f"{partner.name} person", partner=partner, email=f"p@{partner.name.lower()}.example")


def described(app, person):
    """Every operation that this person's document has, and how to ask for it."""
    bearer = {"Authorization": f"Bearer {tokens.make(person, 'Test', 'write', 30)[1]}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=bearer)
    return [each.ok() for each in schema.get_all_operations()], bearer


def run_all(app, person, look):
    operations, bearer = described(app, person)
    for operation in operations:

        @seed(20261125)
        @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def answered(case):
            response = case.call(headers=bearer)
            case.validate_response(response, checks=list(CHECKS))
            look(case, response)

        answered()
    Hit.delete().execute()
    return operations


def test_everything_an_admin_may_send_is_answered_as_it_is_described(app, filled, sam):
    operations = run_all(app, sam, lambda case, response: None)
    assert {"post", "patch", "get"} == {operation.method for operation in operations} and len(operations) > 30
    assert Partner.select().count() >= 2 and Deal.select().count() >= 2


def test_nothing_a_partner_sends_brings_a_row_of_another(app, filled, ada):
    def look(case, response):
        assert "Zqglobex" not in response.text, (case.method, case.path)

    strange = Deal.select().where(Deal.partner != ada.partner_id)
    before = [(deal.id, deal.title, deal.version) for deal in strange]
    run_all(app, ada, look)
    assert [(deal.id, deal.title, deal.version) for deal in strange.clone()] == before and before
