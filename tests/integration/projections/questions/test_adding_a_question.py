"""The question of docs/how-to/add-a-question.md, followed: one value, and it is answered everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
import pytest

from devstack.databases import Database
from kernel.postgres.service_pool import ServicePool
from projections.questions.answers import model_of, shown_by, words_of
from projections.questions.dictionary import dictionary_of
from projections.questions.question import Question
from projections.questions.statement import Asked, page_of
from projections.questions.views import statements
from tests.integration.projections.questions.asking import insert
from tests.integration.projections.questions.test_exports import product

PAGE = Path(__file__).parents[4] / "docs/how-to/add-a-question.md"
FIRST, SECOND, END = date(2021, 1, 1), date(2021, 1, 2), date(2021, 1, 3)
PRICE = '{average("sum(revenue)", "sum(quantity)")}'
PLANTED = {
    "the day after the range": {"day < :end": "day <= :end"},
    "currencies added": {
        "SELECT day, currency,": "SELECT day, min(currency) AS currency,",
        "day, currency\n": "day\n",
    },
    "nothing to divide by as 0": {PRICE: f"coalesce({PRICE}, 0)"},
}


def of_the_page(changes: Mapping[str, str] = MappingProxyType({})) -> Question:
    """As the page has it, with parts of its SQL replaced."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert code
    text = "\n".join(line.removeprefix("   ") for line in code[1].splitlines())
    for there, planted in changes.items():
        assert there in text
        text = text.replace(there, planted)
    names: dict[str, Any] = {}
    exec(compile(text, str(PAGE), "exec"), names)  # noqa: S102  # the page of this repository
    question = names["DAYS"]
    assert isinstance(question, Question)
    return question


@pytest.fixture
async def sold(pool: ServicePool, database: Database) -> None:
    rows = [
        product(FIRST, 1, "Mug", "EUR", 1001),
        product(FIRST, 2, "Cap", "EUR", 500),
        product(FIRST, 1, "Mug", "JPY", 70),
        product(SECOND, 1, "Mug", "EUR", 5) | {"quantity": 0, "times_sold": 0},
        product(END, 1, "Mug", "EUR", 9),
        product(FIRST, 1, "Mug", "EUR", 77, tenant="rival"),
    ]
    connection = await asyncpg.connect(database.superuser_url)
    await connection.execute("DELETE FROM product_sales WHERE day BETWEEN $1 AND $2", FIRST, END)
    await connection.close()
    await insert(database.superuser_url, "product_sales", *rows)


async def answers(pool: ServicePool, question: Question, limit: int = 50) -> list[Mapping[str, Any]]:
    """In pages of this size."""
    show = shown_by(question, model_of(question))
    found: list[Mapping[str, Any]] = []
    after = None
    while True:
        asked = Asked(question, {"tenant": "demo", "first": FIRST, "end": END, "known": date.max}, {})
        text, arguments = page_of(asked, after, limit)
        rows = await pool.fetch_for_tenant("demo", text, *arguments)
        found += [show(row).model_dump(mode="json") for row in rows]
        if len(rows) < limit:
            return found
        after = [rows[-1][it.name] for it, _ in question.keys]


def row(day: date, currency: str, quantity: int, revenue: int, unit_price: int | None) -> dict[str, Any]:
    price = None if unit_price is None else {"amount": unit_price, "currency": currency}
    money = {"amount": revenue, "currency": currency}
    return {
        "day": f"{day}",
        "currency": currency,
        "quantity": quantity,
        "revenue": money,
        "unit_price": price,
    }


RECKONED = [
    row(SECOND, "EUR", 0, 5, None),
    row(FIRST, "EUR", 4, 1501, 375),
    row(FIRST, "JPY", 2, 70, 35),
]


async def test_the_question_of_the_page_is_answered_in_pages_of_any_size(
    sold: None, pool: ServicePool
) -> None:
    for limit in (1, 2, 50):
        assert await answers(pool, of_the_page(), limit) == RECKONED


@pytest.mark.parametrize("mistake", PLANTED.values(), ids=PLANTED)
async def test_a_planted_mistake_is_found(sold: None, pool: ServicePool, mistake: dict[str, str]) -> None:
    assert await answers(pool, of_the_page(mistake)) != RECKONED


async def test_the_view_of_the_question_can_be_made(sold: None, database: Database) -> None:
    connection = await asyncpg.connect(database.owner_url)
    transaction = connection.transaction()
    await transaction.start()
    for statement in statements([of_the_page()]):
        await connection.execute(statement)
    found = await connection.fetch("SELECT * FROM analytics.days")
    await transaction.rollback()
    await connection.close()
    assert found == []


def test_the_question_of_the_page_is_in_the_dictionary_and_in_the_descriptions() -> None:
    question = of_the_page()
    [entry] = dictionary_of([question], {"products": ["order.paid"]}).questions
    assert (entry.path, entry.view, entry.facts) == ("/v1/analytics/days", "analytics.days", ["order.paid"])
    assert words_of(question)["Days.unit_price"].means == "Revenue per unit."
