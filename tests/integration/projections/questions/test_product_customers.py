"""Which customers bought a product: by revenue, in pages, as a file, as known, and without erased ones."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from devstack.databases import Database
from tests.integration.projections.conftest import Reader
from tests.integration.projections.questions.analysts import Connection
from tests.integration.projections.questions.asking import in_pages, insert
from tests.integration.projections.test_figures_over_http import Caller
from tests.support.single_service import RunningService

PRODUCT, OTHER = UUID("00000000-0000-7000-8000-00000000c001"), UUID("00000000-0000-7000-8000-00000000c002")
DAY = date(2016, 7, 4)
LATER = DAY + timedelta(days=3)
PATH, EXPORT = "analytics/product-customers", "/v1/analytics/product-customers/export"


def bought(
    customer_id: str,
    sold: tuple[int, int, int],
    product_id: UUID = PRODUCT,
    day: date = DAY,
    known: date = DAY,
    tenant: str = "demo",
) -> dict[str, object]:
    measures = dict(zip(("times_sold", "quantity", "revenue"), sold, strict=True))
    keys = {"product_id": product_id, "customer_id": customer_id, "currency": "PLN", "day": day}
    return {"tenant": tenant, **keys, "known": known, **measures}


@pytest.fixture(scope="module")
async def sales(service: RunningService, database: Database) -> None:  # whose tables they are
    await insert(
        database.superuser_url,
        "product_customers",
        bought("ann", (1, 2, 2000)),
        bought("ann", (1, 1, 900), day=LATER, known=LATER),
        bought("ben", (1, 5, 5000)),
        bought("ben", (0, 0, -4000), day=LATER, known=LATER),
        bought("cid", (1, 1, 1000)),
        bought("took-back", (1, 1, 700)),
        bought("took-back", (-1, -1, -700), known=LATER),
        bought("gone", (1, 1, 9000)),
        bought("dee", (3, 3, 3000), product_id=OTHER),
        bought("rival-one", (1, 1, 8000), tenant="rival"),
    )
    await insert(
        database.superuser_url,
        "erased_customers",
        {"tenant": "demo", "customer_id": "gone", "erased_on": LATER},
    )


@pytest.mark.usefixtures("sales")
async def test_the_largest_revenue_comes_first_and_what_was_taken_back_whole_is_left_out(
    reader: Reader,
) -> None:
    found = await reader.items(PATH, product_id=str(PRODUCT))
    assert [
        (it["customer_id"], it["times_sold"], it["quantity"], it["revenue"]["amount"]) for it in found
    ] == [("ann", 2, 3, 2900), ("ben", 1, 5, 1000), ("cid", 1, 1, 1000)]


@pytest.mark.usefixtures("sales")
async def test_pages_of_one_customer_go_on_behind_the_last(reader: Reader) -> None:
    found = await in_pages(reader, PATH, 1, currency="PLN")
    of = [(it["product_id"], it["customer_id"]) for it in found]
    assert of == [*((str(PRODUCT), it) for it in ("ann", "ben", "cid")), (str(OTHER), "dee")]


@pytest.mark.usefixtures("sales")
@pytest.mark.parametrize(
    ("asked", "revenues"),
    [
        ({"to": str(DAY)}, {"ben": 5000, "ann": 2000, "cid": 1000}),
        ({"from": str(LATER)}, {"ann": 900, "ben": -4000}),
        ({"known": str(DAY)}, {"ben": 5000, "ann": 2000, "cid": 1000, "took-back": 700}),
    ],
    ids=["until a day", "from a day on", "as known on a day"],
)
async def test_days_and_knowledge_limit_what_counts(
    asked: dict[str, str], revenues: dict[str, int], reader: Reader
) -> None:
    found = await reader.items(PATH, product_id=str(PRODUCT), **asked)
    assert {it["customer_id"]: it["revenue"]["amount"] for it in found} == revenues


@pytest.mark.usefixtures("sales")
async def test_files_and_the_view_have_the_same_customers(caller: Caller, analyst: Connection) -> None:
    csv = await caller("demo-analyst").get(EXPORT, params={"product_id": str(PRODUCT)})
    assert csv.status_code == 200
    assert [line.split(",")[1] for line in csv.text.splitlines()[1:]] == ["ann", "ben", "cid"]
    viewed = await analyst.fetch(
        "SELECT customer_id FROM product_customers WHERE product_id = $1 ORDER BY revenue DESC, customer_id",
        PRODUCT,
    )
    assert [it["customer_id"] for it in viewed] == ["ann", "ben", "cid"]
