"""Rules for the demo's charts."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from demo.chart import BAR_WIDTH, LEVELS, NOTHING, bar, best_products, calendar, full_column, level
from demo.figures import Day, Product, dollars


def drawn(table: Table) -> list[str]:
    console = Console(width=120)
    with console.capture() as written:
        console.print(table)
    return written.get().splitlines()


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_columns_grow_with_the_value_and_the_maximum_fills_its_cell(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert LEVELS.index(level(low, high)) <= LEVELS.index(level(high, high)) == len(LEVELS) - 1
    assert len(bar(low, high)) <= len(bar(high, high)) == BAR_WIDTH


def test_zero_is_drawn_differently_from_a_small_value() -> None:
    assert level(0, 10**6) == NOTHING != level(1, 10**6)


def test_one_extreme_day_does_not_flatten_the_others() -> None:
    ordinary = list(range(1, 40))
    assert full_column([*ordinary, 10**9]) in ordinary
    assert level(10**9, full_column([*ordinary, 10**9])) == LEVELS[-1]
    assert full_column([]) == 0


def test_a_month_has_a_column_for_each_of_its_days() -> None:
    days = {date(1997, 1, 31): Day(2, 1, 1177), date(1997, 3, 1): Day(1, 1, 1200)}
    january, february, march = drawn(calendar(days))[2:]
    assert january.split()[:2] == ["1997-01", NOTHING * 30 + "█"]
    assert january.split()[2:] == ["2", "1", "50.0", "%", "$11.77"]
    assert february.split()[1:] == [NOTHING * 28, "0", "0", "-", "$0.00"]
    assert march.split()[1] == "█"


def test_no_more_products_are_shown_than_were_asked_for() -> None:
    products = [Product(str(it), f"product {it}", 1, 100 - it) for it in range(12)]
    shown = [line.split()[1] for line in drawn(best_products(products, 10))[2:]]
    assert shown == [str(it) for it in range(10)]


def test_amounts_are_written_with_two_places() -> None:
    assert [dollars(it) for it in (0, 5, 1177, 250_031_563, -4_500)] == [
        "$0.00",
        "$0.05",
        "$11.77",
        "$2,500,315.63",
        "-$45.00",
    ]
