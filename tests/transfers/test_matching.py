"""Which column is which field, by its name."""
import pytest

from prm.catalogue.objects import catalogue
from prm.catalogue.keys import new_key, plain
from prm.transfers.matching import match, signature


@pytest.fixture
def of(make, sam):
    return lambda object, *header: match(catalogue(sam)[object], list(header), sam)


def test_names_are_compared_without_case_marks_and_spaces(of):
    assert of("partner", " PARTNER  no. ", "Näme", "web-site") == {" PARTNER  no. ": "number", "Näme": "name"}
    assert of("partner", "partner_no", "website") == {"partner_no": "number", "website": "website"}


def test_usual_other_names_are_known(of):
    header = ("Order no", "Reseller", "Order date", "Revenue", "Currency code")
    assert list(of("deal", *header).values()) == ["number", "partner", "closed_on", "amount", "currency"]


def test_the_exact_name_goes_before_another_one(of):
    assert of("deal", "Order date", "Closed on") == {"Closed on": "closed_on"}


def test_first_and_last_name_make_one(of):
    assert of("contact", "First name", "Last name", "Job") == {"First name": "name", "Last name": "name", "Job": "roles"}


def test_a_custom_field_is_known_by_its_label_and_key(of, make):
    make.custom_field("land", label="Country of origin")
    assert of("partner", "Country of origin") == {"Country of origin": "land"}
    assert of("partner", "Land") == {"Land": "land"}


def test_headings_in_any_script_are_different(of):
    assert plain("Страна") == "страна" != plain("Город")
    assert of("partner", "Страна", "Город", "国") == {}


def test_files_with_the_same_columns_are_alike_in_any_order():
    assert signature(["Name", "Partner no"]) == signature(["partner NO", "name"]) != signature(["Name"])


@pytest.mark.parametrize(
    ("label", "key"), [("Annual revenue", "annual_revenue"), ("2nd name", "f_2nd_name"), ("国", "field"), ("Größe", "grosse"), ("x" * 90, "x" * 50)]
)
def test_a_key_is_made_of_a_heading(label, key):
    assert new_key(label, set()) == key
    assert new_key(label, {key}) == f"{key}_2"
