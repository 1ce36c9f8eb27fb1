"""What a page makes of a question and its answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kernel.http.problems import Problem
from kernel.http.requests import Money
from projections.dashboard.comparing import Days, days_of, during, earlier
from projections.dashboard.drawing import charts_of
from projections.dashboard.figures import compact, number_of, written
from projections.dashboard.form import fields_of
from projections.dashboard.tables import link_to, table_of
from projections.questions.question import Chart, Column, Param, Question
from projections.questions.registry import QUESTIONS
from projections.questions.statement import Asked

SALES = Question(
    name="sales",
    title="Sales",
    about="What was sold.",
    columns=(
        Column("day", "day", "The day."),
        Column("currency", "text", "The currency.", filter=True),
        Column("orders", "integer", "Number of orders."),
        Column("revenue", "money", "The revenue.", formula="gross - refunded"),
        Column("rate", "rate", "The share.", nullable=True),
    ),
    sql="SELECT :tenant",
    order=("day", "currency"),
    params=(Param("period", "The period.", default="week", one_of=("week", "month")),),
    ranged=True,
    known=True,
    chart=Chart("line", x="day", y=("orders", "revenue", "rate")),
    drill={"currency": "sales?currency={currency}"},
)
TODAY = date(2026, 3, 31)


def row(day: int, currency: str, amount: int, rate: float | None = 0.5) -> dict[str, Any]:
    money = Money(amount=amount, currency=currency)
    return {"day": date(2026, 3, day), "currency": currency, "orders": 3, "revenue": money, "rate": rate}


def asked(first: date = date.min, end: date = date.max) -> Asked:
    return Asked(SALES, {"tenant": "demo", "first": first, "end": end}, {})


def test_money_of_two_currencies_is_never_on_one_axis() -> None:
    drawn = charts_of(SALES, [row(1, "EUR", 100), row(1, "JPY", 100)])
    titles = [it.partition('aria-label="')[2].partition('"')[0] for it in drawn]
    assert titles == ["Sales: Orders", "Sales: Revenue in EUR", "Sales: Revenue in JPY", "Sales: Rate"]


def test_an_earlier_range_is_drawn_on_the_same_days() -> None:
    drawn = charts_of(SALES, [row(11, "EUR", 100), row(12, "EUR", 200)], [row(1, "EUR", 50)], timedelta(10))
    assert "EUR before" in drawn[0] and "2026-03-11" in drawn[0] and "2026-03-01" not in drawn[0]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda it: it.name)
def test_every_question_has_charts_and_a_table_without_rows(question: Question) -> None:
    charts_of(question, [])
    assert len(table_of(question, []).heads) == len(question.columns)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("money", Money(amount=123456, currency="EUR"), "1,234.56 EUR"),
        ("money", Money(amount=-1200, currency="JPY"), "-1,200 JPY"),
        ("rate", 0.1475, "14.8%"),
        ("rate", None, "—"),
        ("integer", 12345, "12,345"),
        ("boolean", False, "no"),
        ("text", "<b>", "<b>"),
    ],
    ids=["money", "yen", "rate", "nothing", "integer", "boolean", "text"],
)
def test_values_are_written_by_their_kind(kind: Any, value: Any, expected: str) -> None:
    assert written(Column("it", kind, "About."), value) == expected


def test_charts_draw_money_in_the_major_unit_and_nothing_for_no_number() -> None:
    assert number_of(Money(amount=12345, currency="EUR")) == 123.45
    assert number_of(Money(amount=12345, currency="JPY")) == 12345
    assert (number_of(None), number_of(True), number_of("12")) == (None, None, None)


def test_axes_are_written_short() -> None:
    values = (0.0, 0.25, 1500.0, 20_000.0, -2.5e6)
    assert [compact(it) for it in values] == ["0", "0.25", "1500", "20k", "-2.5M"]


def test_links_hold_the_values_of_the_row_as_one_segment() -> None:
    assert link_to("customers/{id}", {"id": "a/b?c=ü"}) == "/customers/a%2Fb%3Fc%3D%C3%BC"
    cells = table_of(SALES, [row(1, "EUR", 100)]).rows[0]
    assert cells[1].href == "/sales?currency=EUR"


def test_without_a_range_the_latest_days_are_shown() -> None:
    assert days_of(asked(), TODAY) == Days(date(2026, 3, 2), date(2026, 4, 1))
    given = Days(date(2026, 1, 1), date(2026, 2, 1))
    assert days_of(during(asked(), given), TODAY) == given


@pytest.mark.parametrize(
    ("comparison", "first"),
    [("previous", date(2024, 1, 31)), ("year", date(2023, 2, 28))],
    ids=["previous", "year"],
)
def test_an_earlier_range_is_as_long(comparison: Any, first: date) -> None:
    days = Days(date(2024, 2, 29), date(2024, 3, 29))
    before = earlier(days, comparison)
    assert (before.first, before.end - before.first) == (first, days.end - days.first)


@pytest.mark.parametrize(
    "days",
    [Days(date.min, TODAY), Days(TODAY, date.max), Days(date(1, 1, 2), TODAY)],
    ids=["no start", "no end", "before all days"],
)
def test_a_range_without_an_earlier_one_is_refused(days: Days) -> None:
    with pytest.raises(Problem, match="earlier"):
        earlier(days, "previous")


def test_the_form_has_what_the_question_may_be_asked_with() -> None:
    days = Days(date(2026, 3, 1), date(2026, 4, 1))
    fields = {it.name: it for it in fields_of(SALES, {"currency": "EUR"}, days)}
    assert list(fields) == ["range", "from", "to", "compare", "known", "period", "currency", "chart"]
    assert (fields["from"].value, fields["to"].value) == ("2026-03-01", "2026-03-31")
    assert (fields["currency"].value, fields["period"].value) == ("EUR", "week")
    plain = replace(SALES, ranged=False, known=False, params=())
    assert [it.name for it in fields_of(plain, {}, None)] == ["currency", "chart"]
