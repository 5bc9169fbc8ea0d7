"""Each kind reads what people type, refuses the rest in words, and writes what it would read again."""
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.catalogue.kinds import KINDS, Formats
from prm.core.errors import Invalid

FORMATS = Formats(currency="EUR", zone="Europe/Berlin")
GERMAN = Formats(locale="de", currency="EUR").typed

READ = [
    ("text", "  Ada\n Byron ", "Ada Byron"),
    ("text", 5.0, "5"),
    ("text", 5.5, "5.5"),
    ("text", True, "Yes"),
    ("text", datetime(2026, 7, 31), "2026-07-31"),
    ("text", "a\x0bb", "ab"),
    ("long_text", "one\r\ntwo\rthree", "one\ntwo\nthree"),
    ("number", "1234.5", Decimal("1234.5")),
    ("number", "1,234.50", Decimal("1234.5")),
    ("number", "1.234,50", Decimal("1234.5")),
    ("number", "(7)", Decimal(-7)),
    ("number", "−7", Decimal(-7)),
    ("number", 0.1, Decimal("0.1")),
    ("number", "0.1234565", Decimal("0.123457")),
    ("percent", "12.5%", Decimal("0.125")),
    ("percent", "12.5", Decimal("0.125")),
    ("percent", 0.125, Decimal("0.125")),
    ("money", "€ 1,234.50", 123450),
    ("money", "1234.5 EUR", 123450),
    ("money", "-$5", -500),
    ("money", "EUR 5", 500),
    ("money", "0.005", 1),
    ("money", 9999999999999.99, 999999999999999),
    ("date", "2026-07-31", date(2026, 7, 31)),
    ("date", "31/07/2026", date(2026, 7, 31)),
    ("date", "07/31/2026", date(2026, 7, 31)),
    ("date", "29 Dec 2010", date(2010, 12, 29)),
    ("date", "December 29, 2010", date(2010, 12, 29)),
    ("date", "2026-07-31 00:00:00", date(2026, 7, 31)),
    ("date", datetime(2026, 7, 31, 14), date(2026, 7, 31)),
    ("datetime", "2026-07-31 14:30", datetime(2026, 7, 31, 12, 30, tzinfo=UTC)),
    ("datetime", "2026-07-31T14:30:05Z", datetime(2026, 7, 31, 14, 30, 5, tzinfo=UTC)),
    ("datetime", "29 Dec 2010 9:00", datetime(2010, 12, 29, 8, 0, tzinfo=UTC)),
    ("datetime", "2026-07-31", datetime(2026, 7, 30, 22, tzinfo=UTC)),
    ("datetime", date(2026, 7, 31), datetime(2026, 7, 30, 22, tzinfo=UTC)),
    ("bool", "YES", True),
    ("bool", 0.0, False),
    ("bool", False, False),
    ("choices", "Owner; Sales, south | Owner", ["Owner", "Sales, south"]),
    ("choices", ["b", "a", " "], ["a", "b"]),
    ("choices", ";", None),
    ("link", 7, 7),
    ("link", "AW001", "AW001"),
    ("email", " Ada@Example.COM ", "ada@example.com"),
    ("url", "example.com/a?b=1", "https://example.com/a?b=1"),
    ("url", "http://localhost:8000/x", "http://localhost:8000/x"),
]


@pytest.mark.parametrize(("kind", "typed", "value"), READ, ids=str)
def test_what_people_type_is_read(kind, typed, value):
    assert KINDS[kind].parse(typed, FORMATS) == value


REFUSED = [
    ("text", "x" * 201, "At most 200"),
    ("text", "a\x00b", "cannot be stored"),
    ("text", "\ud800", "cannot be stored"),
    ("long_text", "x" * 20_001, "At most 20,000"),
    ("number", "ten", "is no number"),
    ("number", "NaN", "is no number"),
    ("number", "inf", "is no number"),
    ("number", "1e2000000", "is no number"),
    ("number", "1_000", "is no number"),
    ("number", "١٢", "is no number"),
    ("number", "1,234", "two ways"),
    ("number", "1" * 41, "too long"),
    ("number", "1000000000000", "too large"),
    ("number", str(2**63), "too large"),
    ("number", float("nan"), "is no number"),
    ("number", 1e300, "too large"),
    ("number", True, "no number"),
    ("percent", "%", "is no number"),
    ("money", "10000000000000.00", "too large"),
    ("money", "EURO 5", "is no number"),
    ("date", "03/04/2026", "two ways"),
    ("date", "0000-01-01", "is no date"),
    ("date", "1899-12-31", "out of range"),
    ("date", "9999-12-31", "out of range"),
    ("date", "2026-02-29", "is no date"),
    ("date", "2026-W01-1", "is no date"),
    ("date", "31.12.26", "is no date"),
    ("date", "infinity", "is no date"),
    ("date", 45000, "is no date"),
    ("date", "\x00", "cannot be stored"),
    ("datetime", "2026-07-31 25:00", "is no date"),
    ("datetime", "9999-12-31 23:59", "out of range"),
    ("datetime", "soon", "is no date"),
    ("bool", "maybe", "neither yes nor no"),
    ("choices", [str(n) for n in range(51)], "At most 50"),
    ("email", "a@b, c@d", "no e-mail"),
    ("email", "a@b\r\nBcc: x@y.com", "no e-mail"),
    ("email", "x" * 500 + "@example.com", "no e-mail"),
    ("url", "javascript:alert(1)", "no web address"),
    ("url", "data:text/html.x", "no web address"),
    ("url", "https://a b.com", "no web address"),
    ("url", "ftp://example.com", "no web address"),
    ("url", "https://" + "x" * 400, "no web address"),
]


@pytest.mark.parametrize(("kind", "typed", "words"), REFUSED, ids=[f"{k}-{n}" for n, (k, _, _) in enumerate(REFUSED)])
def test_what_cannot_be_kept_is_refused_in_words(kind, typed, words):
    with pytest.raises(Invalid) as refused:
        KINDS[kind].parse(typed, FORMATS)
    assert words in refused.value.message
    refused.value.message.encode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("blank", [None, "", "  ", "\n"])
def test_nothing_is_nothing_for_every_kind(kind, blank):
    assert KINDS[kind].parse(blank, FORMATS) is None


def test_a_currency_decides_how_many_decimals_an_amount_has():
    yen, dinar = Formats(currency="JPY"), Formats(currency="KWD")
    assert KINDS["money"].parse("1500", yen) == 1500
    assert KINDS["money"].parse("1.5", dinar) == 1500
    assert KINDS["money"].machine(1500, yen) == "1500"
    assert KINDS["money"].machine(1500, dinar) == "1.500"


VALUES = {
    "text": st.text("aé ß", min_size=1).map(str.strip).filter(bool).map(lambda t: " ".join(t.split())),
    "number": st.decimals(-(10**11), 10**11, places=6),
    "percent": st.decimals(-(10**5), 10**5, places=6),
    "formula": st.decimals(-(10**11), 10**11, places=3),
    "money": st.integers(-(10**15) + 1, 10**15 - 1),
    "date": st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    "datetime": st.datetimes(datetime(1950, 1, 1), datetime(2199, 12, 30), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    "bool": st.booleans(),
    "choices": st.lists(st.text("abc,", min_size=1), min_size=2, max_size=5, unique=True).map(sorted),
}


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_a_value_is_stored_and_read_back_unchanged(kind, data):
    value = data.draw(VALUES[kind])
    assert KINDS[kind].load(KINDS[kind].store(value)) == value


@pytest.mark.parametrize("locale", ["en", "de", "fr", "de_CH", "sv", "ja"])
@pytest.mark.parametrize("kind", ["number", "percent", "money", "date", "datetime"])
@given(data=st.data())
def test_what_stands_in_an_input_is_read_back_unchanged(kind, locale, data):
    value = data.draw(VALUES[kind])
    formats = Formats(locale=locale, currency="EUR", zone="America/New_York").typed
    typed = KINDS[kind].typed(value, formats)
    if kind == "datetime" and KINDS[kind].plain(value, formats).month in (10, 11):
        return  # one hour of autumn happens twice on the wall clock
    assert KINDS[kind].parse(typed, formats) == value


def test_a_person_types_numbers_as_their_locale_writes_them():
    assert KINDS["number"].parse("1.234", GERMAN) == 1234
    assert KINDS["money"].parse("1.234 €", GERMAN) == 123400
    assert KINDS["money"].typed(123450, GERMAN) == "1234,50"
    assert KINDS["number"].parse("1,234", Formats().typed) == 1234
    with pytest.raises(Invalid, match="in the format 1.234,50"):
        KINDS["number"].parse("1234.5", GERMAN)


@pytest.mark.parametrize(
    ("kind", "value", "shown", "machine"),
    [
        ("number", Decimal("1234.500000"), "1,234.5", "1234.5"),
        ("number", 7, "7", "7"),
        ("percent", Decimal("0.125"), "12.5%", "0.125"),
        ("money", 123450, "€1,234.50", "1234.50"),
        ("date", date(2026, 7, 31), "Jul 31, 2026", "2026-07-31"),
        ("bool", True, "Yes", True),
        ("choices", ["a", "b"], "a, b", "a, b"),
        ("choices", ["a, b", "c"], "a, b, c", "a, b; c"),
    ],
)
def test_people_and_programs_see_their_own_form(kind, value, shown, machine):
    assert KINDS[kind].show(value, FORMATS) == shown
    assert KINDS[kind].machine(value, FORMATS) == machine


ANYTHING = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.decimals(),
    st.lists(st.text()), st.dictionaries(st.text(), st.text()), st.binary(),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(value=ANYTHING)
def test_no_value_breaks_a_kind(kind, value):
    try:
        found = KINDS[kind].parse(value, FORMATS)
    except Invalid as refused:
        refused.message.encode()
        return
    if found is not None:
        KINDS[kind].store(found)
        KINDS[kind].show(found, FORMATS)
        KINDS[kind].machine(found, FORMATS)
