"""How figures and dates appear on the screens: core.formats with the organisation's locale, currency and zone."""
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from flask import Flask
from markupsafe import Markup

from prm.core import clock
from prm.core import formats as written
from prm.models import Organisation


def init_app(app: Flask) -> None:
    figures = (money, short_money, number, short_number, percent, figure, short_figure)
    for each in (*figures, day, moment, ago):
        app.jinja_env.filters[each.__name__] = each


def money(minor: int | None, currency: str | None = None) -> str:
    """Whole minor units; without a currency, those of the organisation."""
    here = Organisation.current()
    return written.money(minor, currency or here.currency, here.locale)


def short_money(minor: int | None, currency: str | None = None) -> str:
    here = Organisation.current()
    return written.short_money(minor, currency or here.currency, here.locale)


def number(value: Decimal | float | None, places: int = 6) -> str:
    return written.number(value, Organisation.current().locale, places)


def short_number(value: Decimal | float | None) -> str:
    return written.short_number(value, Organisation.current().locale)


def percent(fraction: Decimal | float | None, places: int = 1) -> str:
    return written.percent(fraction, Organisation.current().locale, places)


def figure(value: Decimal | None, unit: str) -> str:
    """A KPI's value in its unit: number, money (major units of the base currency) or percent (a fraction)."""
    here = Organisation.current()
    return written.figure(value, unit, here.currency, here.locale)


def short_figure(value: Decimal | float | None, unit: str) -> str:
    """The same for axes and tips: `show=partial(short_figure, unit="money")`."""
    here = Organisation.current()
    return written.short_figure(value, unit, here.currency, here.locale)


def day(value: date | None) -> str:
    return written.day(value, Organisation.current().locale)


def moment(value: datetime | None) -> str:
    here = Organisation.current()
    return written.moment(value, here.zone, here.locale)


def ago(value: datetime | None) -> str | Markup:
    """How long ago, with the exact moment on hover and for machines."""
    if value is None:
        return written.DASH
    words = written.ago(value, clock.now(), Organisation.current().locale)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), moment(value), words)
