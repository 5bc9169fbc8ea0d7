"""Figures in templates: in the organisation's language, currency and zone."""
from datetime import UTC, date, datetime
from decimal import Decimal

import time_machine


def test_figures_follow_the_organisation(render, organisation):
    assert render("{{ 123456|money }} {{ 123456|money('USD') }}") == "€1,234.56 US$1,234.56"
    organisation.locale = "de"
    assert render("{{ 123456|money }} {{ n|number }}", n=Decimal("1234.5")) == "1.234,56\xa0€ 1.234,5"


def test_moments_are_on_the_organisations_clock(render):
    assert render("{{ at|moment }}", at=datetime(2026, 7, 3, 22, 5, tzinfo=UTC)) == "4 Jul 2026, 00:05"
    assert render("{{ on|day }}", on=date(2026, 7, 3)) == "3 Jul 2026"


@time_machine.travel(datetime(2026, 7, 3, 12, 0, tzinfo=UTC), tick=False)
def test_how_long_ago_keeps_the_exact_moment(render):
    html = render("{{ at|ago }}", at=datetime(2026, 7, 3, 9, 0, tzinfo=UTC))
    assert "3 hours ago" in html and 'datetime="2026-07-03T09:00:00+00:00"' in html and "3 Jul 2026, 11:00" in html


def test_an_empty_value_is_a_dash(render):
    assert (
        render("{{ none|money }}{{ none|number }}{{ none|percent }}{{ none|day }}{{ none|moment }}{{ none|ago }}")
        == "–" * 6
    )
