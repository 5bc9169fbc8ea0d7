"""prm scorecard."""
import pytest
from click.testing import CliRunner

from prm.core.errors import Invalid
from prm.scorecards.commands import scorecard_command
from tests.scorecards.conftest import text_of


def run(*arguments):
    answer = CliRunner().invoke(scorecard_command, arguments)
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


@pytest.mark.parametrize("partner", ["ACME", "Acme"])
def test_the_partner_is_named_by_number_or_name(quarter, tmp_path, partner):
    place = tmp_path / "acme.pdf"
    assert run(partner, "--period", "2026-q3", "--output", str(place)).exit_code == 0
    text = text_of(place.read_bytes())
    assert "116.7%" in text and "Q3 2026" in text


def test_a_name_of_two_partners_is_refused_with_their_numbers(make, quarter, tmp_path):
    make.partner("Acme", number="ACME-2")
    place = tmp_path / "acme.pdf"
    make.partner("Twins", number="T1"), make.partner("Twins", number="T2")
    with pytest.raises(Invalid, match="2 partners are called “Twins”: use one of the numbers T1, T2"):
        run("Twins", "--period", "2026-Q3", "--output", str(place))
    assert not place.exists()


@pytest.mark.parametrize(
    "partner, period, said",
    [
        ("Nobody", "2026-Q3", "no partner with the number or the name “Nobody”"),
        ("Acme", "2026-13", "is no period"),
        ("Acme", "2020-Q1", "Acme has no scorecard for Q1 2020"),
    ],
)
def test_what_does_not_exist_is_one_clear_line(quarter, tmp_path, partner, period, said):
    with pytest.raises(Invalid, match=said) as refused:
        run(partner, "--period", period, "--output", str(tmp_path / "x.pdf"))
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_is_told_by_the_system(quarter, tmp_path):
    with pytest.raises(OSError):
        run("Acme", "--period", "2026-Q3", "--output", str(tmp_path / "no" / "x.pdf"))
