"""Scores, grades and ranks of a period."""
from decimal import Decimal as D

from prm.models import ClosedPeriod, Scorecard
from tests.make import REVENUE

COUNT = {"object": "deal", "filters": REVENUE["filters"], "measures": [{"key": "value", "fn": "count"}]}


def test_a_score_is_weighted_graded_and_ranked(database, make, sold, acme, globex, compute, scorecard):
    make.kpi(target=1000, weight=3)  # Acme 150 %, Globex 30 %
    make.kpi("Deals", question=COUNT, unit="number", target=4)  # Acme 50 %, Globex 25 %
    compute()
    first, second = scorecard(acme), scorecard(globex)
    assert (first.score, first.grade, first.rank, first.ranked, first.state) == (D("125"), "A", 1, 2, "draft")
    assert (second.score, second.grade, second.rank, second.ranked) == (D("28.8"), "E", 2, 2)


def test_without_any_target_there_is_a_scorecard_and_no_score(database, make, sold, acme, compute, scorecard):
    make.kpi()
    compute()
    assert (scorecard(acme).score, scorecard(acme).grade, scorecard(acme).rank) == (None, "", None)


def test_what_is_published_keeps_its_score(database, make, sold, acme, compute, scorecard):
    make.kpi(target=1000)
    compute()
    Scorecard.update(state="published").where(Scorecard.id == scorecard(acme).id).execute()
    make.deal("Late", partner=acme, stage="Won", amount=-150_000, closed_on=sold[0].closed_on)
    compute()
    assert (scorecard(acme).score, scorecard(acme).grade) == (D(150), "A")


def test_the_grades_are_those_of_the_organisation(make, sold, acme, compute, scorecard):
    make.organisation(grades=[["Excellent"[:3], 140], ["Ok", 0]])
    make.kpi(target=1000)
    compute()
    assert scorecard(acme).grade == "Exc"


def test_a_draft_goes_with_its_results_unless_it_has_a_note(make, sold, acme, globex, compute, scorecard):
    make.kpi(target=1000)
    compute()
    Scorecard.update(note="Well done").where(Scorecard.id == scorecard(acme, "2026-Q2").id).execute()
    sold[3].delete_instance()
    compute()
    assert scorecard(acme, "2026-Q2").note == "Well done" and scorecard(acme, "2026-Q2").score is None
    assert scorecard(globex, "2026-Q2") is None


def test_scores_missing_after_a_crash_are_made_up_for(make, sold, acme, compute, scorecard):
    make.kpi(target=1000)
    compute()
    Scorecard.delete().execute()
    compute()
    assert scorecard(acme).score == D(150)
    ClosedPeriod.create(key="2026-Q3")
    assert compute() == set()


def test_a_retired_kpi_leaves_the_score_of_the_current_period(make, sam, sold, acme, compute, scorecard):
    from datetime import date

    from prm.kpis import services

    make.deal("Now", partner=acme, amount=100_000, closed_on=date(2026, 10, 2))
    make.kpi(target=1000)
    count = make.kpi("Deals", question=COUNT, unit="number", target=4)
    compute()
    assert scorecard(acme, "2026-Q4").score == D("62.5")
    services.retire(sam, count)
    compute()
    assert scorecard(acme, "2026-Q4").score == D(100)


def test_another_scale_of_grades_reaches_every_open_draft(make, sam, sold, acme, compute, scorecard):
    make.kpi(target=1000)
    compute()
    make.organisation(grades=[["A", 160], ["B", 0]])
    compute()
    assert scorecard(acme).grade == "B"


def test_results_stored_by_a_process_that_ended_get_their_scores_from_the_next(make, sold, acme, compute, scorecard):
    from prm.kpis.computing import Computing

    kpi = make.kpi(target=1000)
    compute()
    make.deal("Late", partner=acme, amount=-100_000, closed_on=sold[0].closed_on)
    computing = Computing(kpi)
    computing.run(computing.periods())  # and then the power went
    compute()
    assert scorecard(acme).score == D(50)
