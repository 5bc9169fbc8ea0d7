"""Which rows of which table each of the cast sees, on both databases: the whole expectation is the table below.

A rule that is taken away must show here: `test_without_its_rule_a_table_shows_too_much` replaces each in turn.
"""
import re

import pytest

from prm.access import rows
from prm.access.gate import Nobody
from prm.access.system import SYSTEM
from prm.models import TABLES, Organisation, Person
from tests.contracts import world

# Surveys are shared by staff, 77 is deleted; Answer 12 is of an anonymous one. Ids as world.py makes them: 11 is Acme's (Ada's own where rows belong to people), 12 Pat's, 13 Max's, 14 Zoe's, 15 of
# nobody, 77 Globex's (Grace's own). Of Scorecard 12 and 78 are drafts, of Activity 12 is not shared with the partner, of
# Target 12 is for everyone. Reports and dashboards 11 and 77 are Mia's and Nora's alone, 12 is shared with staff, 13 with
# partners too; Tile 14 shows on dashboard 13 a report that partners may not see. People 1 to 5 are staff: Mia (4) manages Acme, Nora (5) Globex. An analyst sees what an
# admin sees but for the columns beside it. "*" is every row.
EXPECTED = """
              sam  ann  una  mia                    ada             pat         max   grace
Partner       *    *    *    11                     11              11          11    77
Contact       *    *    *    11 12 13 14 15         11 12 13 14 15  12 13 14    13    77
Deal          *    *    *    11 12 13 14 15         11 12 13 14 15  12 13 14    13    77
Person        *    *    *    1 2 3 4 5 11 12 13 14  4 11 12 13 14   4 12 13 14  4 13  5 77
Scorecard     *    *    *    11 12                  11              11          11    77
KpiResult     *    *    *    11                     -               -           -     -
KpiEntry      *    *    *    11                     -               -           -     -
Stale         *    *    *    11                     -               -           -     -
Target        *    *    *    11 12                  -               -           -     -
Activity      *    *    *    11 12                  11              11          11    77
Import        *    -    -    11                     -               -           -     -
ImportRow     *    -    -    11                     -               -           -     -
ImportMap     *    -    *    *                      -               -           -     -
Session       *    -    -    -                      11              -           -     77
Job           *    -    -    11 12 13               -               -           -     -
Folder        *    *    *    *                      -               -           -     -
Report        12 13  12 13  12 13  11 12 13         13              13          13    13
ReportVersion  12 13  12 13  12 13  11 12 13         -               -           -     -
ReportReader  12   12   12   11 12                  13              -           -     77
Dashboard     12 13  12 13  12 13  11 12 13         13              13          13    13
Tile          12 13 14  12 13 14  12 13 14  11 12 13 14  13              13          13    13
Subscription  *    -    -    11                     11              -           -     11 77
Subscriber    *    -    -    11                     11              -           -     12 77
Delivery      *    -    -    11                     11              -           -     12 77
Survey        11   11   11   11                     11              11          11    11
SurveyVersion  11  11   11   11                     -               -           -     -
SurveyQuestion  11 12  11 12  11 12  11 12          -               -           -     -
Wave          11 12  11 12  11 12  11 12            -               -           -     -
Invitation    *    *    *    11 12                  11              12          -     77
Response      11 77  11 77  11 77  11               -               -           -     -
Answer        11 77  11 77  11 77  11               -               -           -     -
Ballot        -    -    -    -                      -               -           -     -
SurveyAction  11   11   11   11                     -               -           -     -
Kpi           *    *    *    *                      -               -           -     -
KpiVersion    *    *    *    *                      -               -           -     -
CustomField   *    *    *    *                      -               -           -     -
CustomObject  *    *    *    *                      -               -           -     -
CustomRecord  *    *    *    11                     11              11          11    77
Portal        *    *    *    *                      -               -           -     -
PortalVersion  *   *    *    *                      -               -           -     -
PortalPicture  *   *    *    *                      -               -           -     -
ApiToken      *    -    -    -                      11              -           -     77
Application   *    *    *    11                     -               -           -     -
Layout        *    *    *    *                      -               -           -     -
ClosedPeriod  *    *    *    *                      -               -           -     -
Rate          *    *    *    *                      -               -           -     -
Organisation  *    *    *    *                      *               *           *     *
Tier          *    *    *    *                      *               *           *     *
Stage         *    *    *    *                      *               *           *     *
BusinessRole  *    *    *    *                      *               *           *     *
Mail          *    -    -    -                      -               -           -     -
Link          *    -    -    -                      -               -           -     -
Hit           *    -    -    -                      -               -           -     -
Receipt       *    -    -    -                      -               -           -     -
Schedule      *    -    -    -                      -               -           -     -
"""

# What everybody may see, on purpose: the organisation's name and the lists of its choices.
FOR_EVERYBODY = {"Organisation", "Tier", "Stage", "BusinessRole"}
TABLE = {table.__name__: table for table in TABLES}


def expected() -> dict[tuple[str, str], set[int] | str]:
    """(table, who): "*" or the ids. Cells are set apart by two blanks."""
    names, *lines = [re.split(" {2,}", line.strip()) for line in EXPECTED.strip("\n").split("\n")]
    return {
        (table, name): "*" if cell == "*" else set(map(int, cell.replace("-", "").split()))
        for table, *cells in lines
        for name, cell in zip(names, cells, strict=True)
    }


def people() -> dict[str, Person]:
    return {name: Person.get(Person.email.startswith(f"{name}@")) for name in world.CAST if name != "nora"}


def wrong_cells() -> list[tuple]:
    """(table, who, what is seen, what should be) wherever the two differ."""
    cells, cast, wrong = expected(), people(), []
    for (table, name), ids in cells.items():
        every = set(TABLE[table].select(TABLE[table].id).scalars())
        seen = set(rows.visible(TABLE[table], cast[name], TABLE[table].id).scalars())
        if seen != (every if ids == "*" else ids):
            wrong.append((table, name, sorted(seen), ids))
    return wrong


@pytest.fixture
def filled(database):
    world.build()
    return database


def test_every_table_has_a_rule_and_a_line_in_the_expectation(sqlite):
    assert set(rows.RULES) == set(TABLES)
    assert {table for table, _ in expected()} == set(TABLE)


def test_each_of_the_cast_sees_exactly_its_rows(filled):
    wrong = wrong_cells()
    assert not wrong, wrong


def test_ada_never_sees_a_row_of_globex_nor_grace_one_of_acme(filled):
    """Whatever the expectation says: a row that leads to the other company is not seen."""
    cast = people()
    for name, other in (("ada", world.FOREIGN), ("pat", world.FOREIGN), ("max", world.FOREIGN), ("mia", world.FOREIGN), ("grace", world.OWN)):
        for table in TABLES:
            for column in (f for f in table._meta.sorted_fields if f.column_name == "partner_id"):
                assert not rows.visible(table, cast[name]).where(column == other).exists(), (name, table)


def test_every_table_has_rows_of_both_where_rows_belong_to_somebody(filled):
    """What is not there cannot leak: without this the expectation could be empty talk."""
    for table in TABLES:
        ids = set(table.select(table.id).scalars())
        assert ids, table
        if not all(cell == "*" or not cell for (name, _), cell in expected().items() if name == table.__name__):
            assert {world.OWN, world.FOREIGN} <= ids, table


def test_nobody_and_the_disabled_see_no_row_at_all(filled):
    shut = people()["sam"]
    shut.disabled_at = world.NOW
    for table in TABLES:
        assert not rows.visible(table, Nobody()).exists() and not rows.visible(table, shut).exists(), table


def test_the_system_sees_every_row_of_business(filled):
    for table in ("Partner", "Contact", "Deal", "KpiResult", "Scorecard"):
        assert rows.visible(TABLE[table], SYSTEM).count() == TABLE[table].select().count()


def test_members_do_not_see_the_account_where_the_portal_says_so(filled):
    Organisation.update(members_see_account=False).execute()
    cast = people()
    for table in ("Partner", "Scorecard", "Activity"):
        assert not rows.visible(TABLE[table], cast["max"]).exists(), table
        assert rows.visible(TABLE[table], cast["pat"]).exists(), table
    assert set(rows.visible(TABLE["Deal"], cast["max"], TABLE["Deal"].id).scalars()) == {13}


def test_a_rule_holds_on_an_alias_too(filled):
    """Joins and sub-queries look at tables under other names."""
    cast = people()
    for table in TABLES:
        t = table.alias()
        for name, viewer in cast.items():
            plain, other = rows.visible(table, viewer, table.id), rows.visible(t, viewer, t.id)
            assert set(plain.scalars()) == set(other.scalars()), (table, name)


@pytest.mark.parametrize("table", [name for name in TABLE if name not in FOR_EVERYBODY])
def test_without_its_rule_a_table_shows_too_much(sqlite, monkeypatch, table):
    """The proof that the expectation holds each rule: replaced by "everything" it is missed."""
    world.build()
    assert not wrong_cells()
    monkeypatch.setitem(rows.RULES, TABLE[table], lambda t, viewer: None)
    assert table in {name for name, *_ in wrong_cells()}


def test_only_what_is_named_is_for_everybody(filled):
    cast = people()
    open_to_all = {
        name for name, table in TABLE.items()
        if all(rows.visible(table, viewer).count() == table.select().count() for viewer in cast.values())
    }  # fmt: skip
    assert open_to_all == FOR_EVERYBODY
