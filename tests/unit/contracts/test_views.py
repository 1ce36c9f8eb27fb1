"""The parts of a sale as callers see them."""

from uuid import UUID

from contracts.sale import AppliedDiscount, Sale, SaleLine, Totals
from contracts.views import show_discount, show_line, show_totals

MUG = UUID("019a2b3c-0002-7000-8000-000000000002")
LINE = SaleLine(
    line_id="one",
    product_id=MUG,
    product_type="physical",
    sku="MUG-1",
    name="Mug",
    quantity=2,
    unit_price=1000,
    discount=200,
    tax=300,
    total=1800,
)
TOTALS = Totals(subtotal=2000, discount=200, shipping=50, tax=300, total=1850)


def euros(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


def test_a_line_shows_each_amount_with_its_currency() -> None:
    assert show_line(LINE, "EUR") == {
        "line_id": "one",
        "product_id": MUG,
        "sku": "MUG-1",
        "name": "Mug",
        "quantity": 2,
        "unit_price": euros(1000),
        "discount": euros(200),
        "tax": euros(300),
        "total": euros(1800),
    }


def test_totals_are_in_the_currency_of_the_sale() -> None:
    assert show_totals(Sale(currency="EUR", lines=(LINE,), totals=TOTALS)) == {
        "subtotal": euros(2000),
        "discount": euros(200),
        "shipping": euros(50),
        "tax": euros(300),
        "total": euros(1850),
    }


def test_a_promotion_without_a_code_has_none() -> None:
    discount = AppliedDiscount(promotion_id=MUG, kind="percentage", amount=200)

    assert show_discount(discount, "EUR") == {"code": None, "kind": "percentage", "amount": euros(200)}
