"""What a column holds is found in bounded memory, whatever comes late."""
from prm.transfers.finding import MANY, Values


def found(cells):
    values = Values()
    for line, cell in enumerate(cells, 2):
        values.add(line, cell)
    return values.found(), values


def test_amounts_with_two_decimals_are_money_and_other_numbers_are_numbers():
    assert found(["1.00", "20.50"])[0].kind == "money"
    assert found(["1", "20.50"])[0].kind == found([1, 2.5])[0].kind == "number"
    assert found(["AW1", "x"])[0].kind == "text"


def test_a_value_that_decides_late_still_decides():
    column = [f"{n % 900 + 1},{n % 1000:03d}" for n in range(MANY * 2)]
    assert found(column)[0].number_doubt
    assert found([*column, "1,234.50"])[0].numbers == "1,234.50"
    days = [f"{n % 12 + 1:02d}/{n % 11 + 1:02d}/{1950 + n // 12}" for n in range(MANY * 2)]
    assert found([*days, "25/12/2026"])[0].days == "dmy"


def test_many_different_values_cost_no_more_memory():
    _, values = found(f"{n}" for n in range(MANY * 10))
    assert len(values.first) < MANY + 20
    _, values = found(chr(33 + n % 90) * (n % 7) + str(n) for n in range(MANY * 10))
    assert len(values.first) <= 2 * MANY


def test_lines_are_those_of_the_file():
    values = Values()
    values.add(2, "1,234"), values.add(9, "5,678")
    assert "“1,234” in line 2, “5,678” in line 9" in values.found().number_doubt


def test_currency_and_percent_signs_hide_no_doubt():
    assert found(["$1,234", "€5,000"])[0].number_doubt and found(["1,234%"])[0].number_doubt
    assert found(["$1,234.50"])[0].numbers == "1,234.50"
