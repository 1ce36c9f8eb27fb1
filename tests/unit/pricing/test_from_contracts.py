"""Translation from facts to pricing's types and back to a sale."""

from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from contracts import product, promotion, tax_rate
from pricing.from_contracts import Item, price_items, promotion_of, sale_of, tax_rate_of
from pricing.percent import Percent
from pricing.promotion_kinds.fixed_amount import FixedAmount
from pricing.promotion_kinds.percentage import Percentage
from pricing.promotions import Conditions, Promotion, Stack, Stacking
from tests.support.scenario import NOW, stamp

CD, TEN = UUID(int=1), UUID(int=2)


def details(**other: object) -> product.Details:
    prices = [
        {"amount": 1000, "currency": "USD"},
        {"amount": 900, "currency": "USD", "segment": "loyal"},
        {"amount": 800, "currency": "USD", "region": "DE"},
    ]
    fields = {"sku": "CD-1", "name": "A CD", "type": "physical_product", "prices": prices, **other}
    return product.Details.model_validate(fields)


def test_the_terms_of_a_promotion_become_a_rule() -> None:
    terms = promotion.Terms.model_validate(
        {
            "code": "TEN",
            "kind": "percentage",
            "value": "12.5",
            "conditions": {"minimum_subtotal": 500, "product_ids": [str(CD)], "currency": "USD"},
            "stacking": {"mode": "best_of", "priority": 3, "cap": 700},
            "starts_at": NOW,
            "ends_at": NOW + timedelta(days=1),
        }
    )
    assert promotion_of(TEN, terms) == Promotion(
        str(TEN),
        "percentage",
        Percentage(Percent(1250)),
        code="TEN",
        conditions=Conditions(minimum_subtotal=500, product_ids=frozenset({str(CD)}), currency="USD"),
        stacking=Stacking(Stack.BEST_OF, 3, 700),
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
    )


def test_a_fixed_amount_stays_in_minor_units() -> None:
    terms = promotion.Terms(kind="fixed_amount", value="500", currency="USD")
    assert (promotion_of(TEN, terms).terms, promotion_of(TEN, terms).currency) == (FixedAmount(500), "USD")


def test_a_tax_rate_is_exact() -> None:
    fact = tax_rate.Set(**stamp(CD), country="US", region="NY", rate="8.875", inclusive=False, name="Tax")
    assert tax_rate_of(fact).rate == Fraction(71, 800)


def test_a_sale_has_every_line_and_adds_up() -> None:
    items = [
        Item("b", CD, details(), 2, 1000),
        Item("a", UUID(int=3), details(sku="BOOK-1", name="A book", type="digital_product"), 1, 500),
    ]
    ten_off = promotion_of(TEN, promotion.Terms(code="TEN", kind="percentage", value="10"))
    sale = sale_of(price_items("USD", items, [ten_off], NOW), items)
    assert [(it.line_id, it.sku, it.product_type, it.discount, it.total) for it in sale.lines] == [
        ("b", "CD-1", "physical_product", 200, 1800),
        ("a", "BOOK-1", "digital_product", 50, 450),
    ]
    assert sale.totals.total == sum(it.total for it in sale.lines) == 2250
    (discount,) = sale.discounts
    assert (discount.promotion_id, discount.code, discount.amount) == (TEN, "TEN", 250)
    assert discount.allocation == {"a": 50, "b": 200}


def test_the_line_of_a_bundle_names_its_courses_and_no_other_line_does() -> None:
    items = [
        Item("a", CD, details(type="bundle", course_ids=["sql", "python"]), 1, 1000),
        Item("b", TEN, details(type="course"), 1, 500),
    ]
    bundle, course = sale_of(price_items("USD", items, [], NOW), items).lines
    assert bundle.fulfillment is not None and bundle.fulfillment.course_ids == ("sql", "python")
    assert course.fulfillment is None


def test_the_line_of_a_digital_product_names_its_file_if_it_has_one() -> None:
    items = [
        Item("a", CD, details(type="digital_product", asset="a.pdf"), 1, 1000),
        Item("b", TEN, details(type="digital_product"), 1, 500),
    ]
    with_file, without = sale_of(price_items("USD", items, [], NOW), items).lines
    assert with_file.fulfillment is not None and with_file.fulfillment.asset == "a.pdf"
    assert without.fulfillment is None
