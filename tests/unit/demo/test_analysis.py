"""Rules for the analysts' figures of the demo: cohorts and the forecast are shown as they are."""

from datetime import date
from typing import Any

from rich.console import Console, RenderableType

from demo import dataset
from demo.analysis import (
    Cohort,
    Forecast,
    Month,
    differing_cells,
    expected_cohorts,
    forecast_of,
    months_between,
)
from demo.analysis_tables import dashboard_lines, forecast_table, heat_map

DASHBOARD = "http://127.0.0.1:8004"
MONEY = {"amount": 12_000, "currency": "USD"}


def drawn(shown: RenderableType, **how: Any) -> str:
    console = Console(width=160, **how)
    with console.capture() as written:
        console.print(shown)
    return written.get()


def test_the_cohorts_of_the_data_set_are_the_published_ones() -> None:
    january, february, march = expected_cohorts(dataset.read())
    assert (january.size, february.size, march.size) == (7_846, 8_476, 7_248)
    assert [it.active[1] for it in (january, february, march)] == [1_157, 1_312, 1_032]
    assert (len(january.active), january.active[17]) == (18, 498)


def test_each_cell_that_is_another_or_missing_is_counted() -> None:
    one = [Cohort(date(1997, 1, 1), 3, (3, 2)), Cohort(date(1997, 2, 1), 1, (1,))]
    assert differing_cells(one, one) == 0
    assert differing_cells(one, [Cohort(date(1997, 1, 1), 3, (3, 1))]) == 2


def test_months_are_counted_across_years() -> None:
    assert months_between(date(1997, 11, 30), date(1998, 2, 1)) == 3


def test_the_heat_map_writes_shares_also_where_there_are_no_colours() -> None:
    shown = drawn(heat_map([Cohort(date(1997, 1, 1), 4, (4, 1)), Cohort(date(1997, 2, 1), 2, (2,))]))
    rows = [line.split() for line in shown.splitlines()[1:]]
    assert rows[-3:] == [
        ["first", "order", "customers", "0", "1"],
        ["1997-01", "4", "100", "25"],
        ["1997-02", "2", "100"],
    ]


def test_the_heat_map_is_coloured_on_a_terminal_by_the_share() -> None:
    cohorts = [Cohort(date(1997, 1, 1), 4, (4, 1))]
    shown = drawn(heat_map(cohorts), force_terminal=True, color_system="truecolor")
    assert "48;2;40;190;160m" in shown and "48;2;31;114;110m" in shown


def test_the_forecast_says_its_method_and_its_error_in_the_past() -> None:
    row = {
        "method": "naive",
        "reason": None,
        "backtest": {"error": 23.61, "folds": 12},
        "points": [{"period": "1998-07-01", "value": MONEY, "low": None, "high": MONEY}],
    }
    forecast = forecast_of(row)
    assert forecast == Forecast(
        "naive", 23.61, 12, (Month(date(1998, 7, 1), 12_000, None, 12_000),), reason=None
    )
    shown = drawn(forecast_table(forecast))
    assert "Method naive" in shown and "23.6 % (sMAPE over 12 months)" in shown
    assert "1998-07 $120.00 - $120.00" in " ".join(shown.split())


def test_no_forecast_says_why() -> None:
    assert "5 months are too few" in drawn(forecast_table(Forecast(reason="5 months are too few")))


def test_the_last_line_is_the_dashboard_s_address() -> None:
    span = date(1997, 1, 1), date(1998, 6, 30)
    shown = drawn(dashboard_lines(DASHBOARD, "demo-analyst", *span, stay=True))
    assert shown.splitlines()[-1] == f"Dashboard: {DASHBOARD}/"
    assert f"{DASHBOARD}/cohorts?metric=retention&periods=18&from=1997-01-01&to=1998-06-30" in shown
    assert "--stay" not in shown
    assert "--stay keeps it open" in drawn(dashboard_lines(DASHBOARD, "demo-analyst", *span, stay=False))
