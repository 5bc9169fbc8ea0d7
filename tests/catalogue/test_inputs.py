"""What stands in the inputs of a record's form is read back as it was: a form saved unchanged changes nothing."""
import pytest
from werkzeug.datastructures import MultiDict

from prm.models import Deal
from prm.ui.forms import form_for

CUSTOM = {
    "count": ("number", 1234567), "rate": ("percent", 125_000), "fee": ("money", 123450), "day": ("date", "2026-07-31"),
    "moment": ("datetime", "2026-07-31 12:30:05"), "sure": ("bool", True), "note": ("text", "1.234"),
    "picks": ("choices", ["a", "b"]),
}  # fmt: skip


@pytest.fixture
def deal(make, acme):
    for key, (kind, _) in CUSTOM.items():
        make.custom_field(key, kind, object="deal", choices=[["a", "A"], ["b", "B"]] if kind == "choices" else [])
    return make.deal(partner=acme, amount=1500, currency="JPY", custom={k: v for k, (_, v) in CUSTOM.items()})


def sent(form):
    """The form as a browser would send it."""
    pairs = []
    for field in form:
        value = field._value() if hasattr(field, "_value") else field.data
        values = value if isinstance(value, list) else [value]
        pairs += [(field.name, str(v)) for v in values if v not in (None, False, "")]
    return MultiDict(pairs)


@pytest.mark.parametrize("locale", ["en", "de", "fr"])
def test_a_form_saved_unchanged_changes_nothing(locale, make, app, deal, sam):
    make.organisation(locale=locale, zone="Europe/Berlin")
    with app.test_request_context("/"):
        data = sent(form_for("deal", sam, deal))
    with app.test_request_context("/", method="POST", data=data):
        form = form_for("deal", sam, deal)
        assert form.validate(), form.errors
        values = form.values()
    assert values["amount"] == 1500
    fields = {f.key: f for f in form.fields}
    assert {k: fields[k].kind.store(values[k]) for k in CUSTOM} == {k: v for k, (_, v) in CUSTOM.items()}


def test_an_amount_has_the_decimals_of_the_currency_beside_it(make, app, deal, sam):
    with app.test_request_context("/"):
        data = sent(form_for("deal", sam, deal))
    data["amount"], data["currency"] = "1.500", "kwd"
    with app.test_request_context("/", method="POST", data=data):
        form = form_for("deal", sam, Deal.get())
        assert form.validate(), form.errors
        assert form.values()["amount"] == 1500


def test_a_default_of_a_custom_field_stands_there_as_one_would_type_it(make, app, sam):
    make.custom_field("rate", "percent", object="deal", default=125_000)
    make.organisation(locale="de")
    with app.test_request_context("/"):
        assert form_for("deal", sam)["rate"].data == "12,5%"
