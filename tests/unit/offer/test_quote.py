"""Quotes: what a sale would cost by the catalogue's own prices, and which codes count."""

from datetime import timedelta

import pytest

from contracts import promotion as facts
from contracts import tax_rate
from kernel.domain import Refused
from offer.application.quote import AskQuote, Quote, Rejection, WantedLine, quote
from offer.domain.errors import (
    CurrencyNotPriced,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    ProductNotFound,
)
from offer.domain.tax_rates import tax_rates_id
from pricing.tax import Destination
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CUSTOMER,
    FIVE_OFF,
    OTHER_CHECKOUT,
    TEN_PERCENT,
    activated,
    archived,
    begun,
    created,
    details,
    on_sale,
    terms,
)


def asked(quantity: int = 2, **other: object) -> AskQuote:
    return AskQuote(**{"currency": "USD", "lines": (WantedLine(CD, quantity),), **other})  # type: ignore[arg-type]  # a test names only what it is about


def quoted(scenario: Scenario, question: AskQuote) -> Quote:
    result = scenario.when(quote, question).then_nothing().result
    assert isinstance(result, Quote)
    return result


def test_a_quote_goes_by_the_catalogue_s_prices() -> None:
    it = quoted(given(*on_sale(amount=1999)), asked(2))
    assert it.priced.totals.total == 3998


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        (asked(0), InvalidQuantity),
        (asked(-1), InvalidQuantity),
        (asked(1001), MaxItemQuantityExceeded),
        (asked(currency="EUR"), CurrencyNotPriced),
        (asked(lines=(WantedLine(BOOK, 1),)), ProductNotFound),
    ],
)
def test_what_cannot_be_sold_has_no_price(question: AskQuote, rule: type[Refused]) -> None:
    given(*on_sale()).when(quote, question).then_refused(rule)


def test_drafts_and_archived_products_are_not_for_sale() -> None:
    given(created()).when(quote, asked()).then_refused(ProductNotFound)
    given(*on_sale(), archived()).when(quote, asked()).then_refused(ProductNotFound)


def test_a_code_counts_however_it_is_typed_and_only_once() -> None:
    scenario = given(*on_sale(amount=1000), begun()).claimed("promotion_code", "ten", TEN_PERCENT)
    it = quoted(scenario, asked(2, codes=("Ten", " TEN ")))
    assert it.priced.totals.discount == 200


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (terms(starts_at=NOW + timedelta(hours=1)), "not_started"),
        (terms(ends_at=NOW), "expired"),
        (terms(limits={"total": 1}), "limit_reached"),
        (terms(limits={"per_customer": 1}), "limit_reached"),
        (terms(conditions={"minimum_subtotal": 5000}), "conditions_not_met"),
        (terms(conditions={"product_ids": [str(BOOK)]}), "conditions_not_met"),
        (terms(currency="EUR"), "currency_mismatch"),
    ],
)
def test_a_code_that_does_not_count_is_rejected_with_its_reason(of: facts.Terms, reason: str) -> None:
    use = facts.Reserved(**stamp(TEN_PERCENT), checkout_id=OTHER_CHECKOUT, customer_id=CUSTOMER)
    scenario = given(*on_sale(), begun(of=of), use).claimed("promotion_code", "ten", TEN_PERCENT)
    it = quoted(scenario, asked(codes=("TEN",), customer_id=CUSTOMER))
    assert it.rejected == (Rejection("TEN", TEN_PERCENT, reason),)
    assert it.priced.totals.discount == 0


def test_an_unknown_code_and_a_disabled_one_are_rejected() -> None:
    off = facts.Disabled(**stamp(TEN_PERCENT))
    scenario = given(*on_sale(), begun(), off).claimed("promotion_code", "ten", TEN_PERCENT)
    it = quoted(scenario, asked(codes=("TEN", "nope", "not a code!")))
    assert it.rejected == (
        Rejection("TEN", TEN_PERCENT, "disabled"),
        Rejection("nope", None, "unknown"),
        Rejection("not a code!", None, "unknown"),
    )


def test_promotions_without_a_code_are_tried_on_every_sale() -> None:
    automatic = begun(FIVE_OFF, terms(None, "500", kind="fixed_amount", currency="USD"))
    it = quoted(given(*on_sale(amount=1000), automatic), asked(1, automatic=(FIVE_OFF,)))
    assert it.priced.totals.total == 500


def test_a_quote_for_another_moment_goes_by_the_promotions_of_then() -> None:
    soon = begun(of=terms(starts_at=NOW + timedelta(hours=1)))
    scenario = given(*on_sale(amount=1000), soon).claimed("promotion_code", "ten", TEN_PERCENT)
    it = quoted(scenario, asked(1, codes=("TEN",), at=NOW + timedelta(hours=2)))
    assert it.priced.totals.total == 900


def test_where_the_goods_go_says_which_tax_is_due_and_which_price_is_right() -> None:
    prices = [{"amount": 1000, "currency": "USD"}, {"amount": 800, "currency": "USD", "region": "US"}]
    rate = tax_rate.Set(
        **stamp(tax_rates_id("demo")), country="US", region="NY", rate="8.875", inclusive=False, name="Tax"
    )
    scenario = given(created(of=details(prices=prices)), activated(), rate)
    it = quoted(scenario, asked(1, destination=Destination("US", "NY")))
    assert (it.priced.totals.subtotal, it.priced.totals.tax, it.priced.totals.total) == (800, 71, 871)
