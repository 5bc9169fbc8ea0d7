"""The arithmetic of attainment, status, score, grade and rank, by hand."""
from decimal import Decimal as D

import pytest

from prm.kpis import rules

FLOORS = [("A", D(110)), ("B", D(95)), ("C", D(80)), ("D", D(60)), ("E", D(0))]


@pytest.mark.parametrize(
    "value, target, direction, expected",
    [
        ("90", "100", "higher", "0.9"), ("250", "100", "higher", "2.5"), ("0", "100", "higher", "0"),
        ("-5", "100", "higher", "0"), ("1", "3", "higher", "0.333333"), ("2", "3", "higher", "0.666667"),
        ("50", "100", "lower", "2"), ("200", "100", "lower", "0.5"), ("0", "100", "lower", "1.5"),
        ("-1", "100", "lower", "1.5"), ("1e11", "0.000001", "higher", "1000000"),
    ],
)  # fmt: skip
def test_attainment_is_value_by_target_or_the_other_way_round(value, target, direction, expected):
    assert rules.attainment(D(value), D(target), direction) == D(expected)


@pytest.mark.parametrize("value, target", [(None, D(100)), (D(100), None), (D(100), D(0)), (D(100), D(-5)), (None, None)])
def test_without_a_value_or_a_target_above_zero_there_is_no_attainment(value, target):
    assert rules.attainment(value, target, "higher") is None


@pytest.mark.parametrize(
    "reached, expected", [("1", "good"), ("0.999999", "warn"), ("0.8", "warn"), ("0.799999", "bad"), ("0", "bad"), (None, "none")]
)
def test_status_begins_exactly_at_its_threshold(reached, expected):
    assert rules.status(reached and D(reached), D(1), D("0.8")) == expected


@pytest.mark.parametrize(
    "parts, expected",
    [
        ([("1", "1"), ("0.5", "1")], "75.0"),
        ([("1", "3"), ("0.5", "1")], "87.5"),
        ([("9", "1"), ("0.5", "1")], "100.0"),  # capped at 150 %
        ([("1", "1"), (None, "5")], "100.0"),  # what has no attainment does not count
        ([("0.9499", "1")], "95.0"), ([("0.9494", "1")], "94.9"), ([("0.94950", "1")], "95.0"),
        ([(None, "1")], None), ([], None), ([("1", "0")], None),
    ],
)  # fmt: skip
def test_a_score_is_the_weighted_mean_of_capped_attainments(parts, expected):
    found = rules.score([(reached and D(reached), D(weight)) for reached, weight in parts])
    assert (found if found is None else str(found)) == expected


@pytest.mark.parametrize(
    "points, letter", [("150", "A"), ("110", "A"), ("109.9", "B"), ("95", "B"), ("80", "C"), ("79.9", "D"), ("59.9", "E"), ("0", "E"), (None, "")]
)
def test_a_grade_begins_exactly_at_its_floor(points, letter):
    assert rules.grade(points and D(points), FLOORS) == letter


def test_equal_scores_share_a_rank_and_the_next_is_counted_on():
    assert rules.ranks({1: D(90), 2: D(80), 3: D(80), 4: D(70)}) == {1: 1, 2: 2, 3: 2, 4: 4}
    assert rules.ranks({}) == {}
