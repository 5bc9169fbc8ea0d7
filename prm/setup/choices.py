"""What one chooses from when setting up: currencies in use, time zones, languages, months."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name
from wtforms.fields import SelectChoice

from prm.core.periods import MONTHS

LOCALES = (
    "en en_GB en_US en_AU en_CA en_IE en_IN cs da de de_AT de_CH el es es_MX et fi fr fr_CA fr_CH hr hu it it_CH ja ko "
    "lt lv nb nl nl_BE pl pt pt_BR ro sk sl sv tr uk vi zh"
).split()

Choices = list[SelectChoice]


@lru_cache(maxsize=1)
def currencies() -> Choices:
    """The codes that are legal tender somewhere today, as “EUR – Euro”."""
    eras = (era for country in get_global("territory_currencies").values() for era in country)
    codes = {code for code, start, end, tender in eras if tender and end is None}
    return [SelectChoice(code, f"{code} – {get_currency_name(code, locale='en')}") for code in sorted(codes)]


@lru_cache(maxsize=1)
def zones() -> Choices:
    """Zones of places, and UTC; the old names without a place are left out."""
    names = {
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/"))
    }
    return [SelectChoice(name, name.replace("_", " ")) for name in ("UTC", *sorted(names))]


@lru_cache(maxsize=1)
def locales() -> Choices:
    return sorted(
        (SelectChoice(name, Locale.parse(name).get_display_name("en") or name) for name in LOCALES),
        key=lambda each: each.label,
    )


def months() -> Choices:
    return [SelectChoice(str(number), name) for number, name in enumerate(MONTHS, 1)]
