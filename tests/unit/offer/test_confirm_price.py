"""Confirming a price: the catalogue prices the sale itself and refuses any difference."""

from uuid import UUID

from contracts import price as facts
from contracts import product, promotion, tax_rate
from contracts.offer import ConfirmPrice
from contracts.sale import Destination, Sale
from kernel import ids
from offer.quotes.use_cases.confirm_price import confirm_price
from offer.tax_rates.domain import tax_rates_id
from pricing.derivation import digest
from pricing.from_contracts import (
    Item,
    destination_of,
    price_items,
    promotion_of,
    sale_of,
    tax_rate_of,
)
from pricing.priced import Priced
from pricing.tax import TaxTable
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    CUSTOMER,
    TEN_PERCENT,
    archived,
    details,
    on_sale,
    promotion_created,
    terms,
)

CHECK = ids.derive_id(CHECKOUT, "price")
CATALOGUE = *on_sale(CD, 1999), *on_sale(BOOK, 500), promotion_created()
ITEMS = (
    Item("a", CD, details(f"SKU-{CD}", 1999), 2, 1999),
    Item("b", BOOK, details(f"SKU-{BOOK}", 500), 1, 500),
)


def priced(*promotions: promotion.Terms) -> Priced:
    return price_items("USD", ITEMS, [promotion_of(TEN_PERCENT, it) for it in promotions], NOW)


def sale(*promotions: promotion.Terms) -> Sale:
    """The sale of two CDs and a book, as a cart prices it."""
    return sale_of(priced(*promotions), ITEMS)


def command(offered: Sale) -> ConfirmPrice:
    return ConfirmPrice(checkout_id=CHECKOUT, step="confirm_price", customer_id=CUSTOMER, sale=offered)


def confirmed(result: Priced) -> facts.Confirmed:
    totals = sale_of(result, ITEMS).totals
    return facts.Confirmed(
        **stamp(CHECK), checkout_id=CHECKOUT, step="confirm_price", totals=totals, digest=digest(result)
    )


def refused(detail: str, current: Sale | None = None) -> facts.Refused:
    return facts.Refused(
        **stamp(CHECK),
        checkout_id=CHECKOUT,
        step="confirm_price",
        code="PRICE_CHANGED",
        detail=detail,
        totals=current.totals if current else None,
    )


def product_changed(product_id: UUID, amount: int, currency: str = "USD") -> product.Changed:
    return product.Changed(**stamp(product_id), details=details(f"SKU-{product_id}", amount, currency))


def test_a_price_equal_to_the_catalogue_s_is_confirmed() -> None:
    given(*CATALOGUE).when(confirm_price, command(sale())).then(confirmed(priced()))


def test_promotions_of_the_sale_apply_with_their_current_terms() -> None:
    given(*CATALOGUE).when(confirm_price, command(sale(terms()))).then(confirmed(priced(terms())))
    better = promotion.Changed(**stamp(TEN_PERCENT), terms=terms(value="20"))
    given(*CATALOGUE, better).when(confirm_price, command(sale(terms()))).then(
        refused("The total is now 3598 USD, not 4048.", sale(terms(value="20")))
    )


def test_a_disabled_promotion_no_longer_applies() -> None:
    off = promotion.Disabled(**stamp(TEN_PERCENT))
    given(*CATALOGUE, off).when(confirm_price, command(sale(terms()))).then(
        refused("The total is now 4498 USD, not 4048.", sale())
    )


def test_a_changed_price_is_refused_with_the_current_totals() -> None:
    scenario = given(*CATALOGUE, product_changed(CD, 2000)).when(confirm_price, command(sale()))
    (fact,) = scenario.work.facts
    assert isinstance(fact, facts.Refused)
    assert fact.code == "PRICE_CHANGED"
    assert fact.totals is not None
    assert fact.totals.total == 4500


def test_two_changes_that_leave_the_total_equal_are_refused() -> None:
    past = *CATALOGUE, product_changed(CD, 2000), product_changed(BOOK, 498)
    given(*past).when(confirm_price, command(sale())).then(
        refused("The total is the same, but the amounts that it is made of have changed.", sale())
    )


def test_a_product_that_is_no_longer_for_sale_is_refused() -> None:
    given(*CATALOGUE, archived(CD)).when(confirm_price, command(sale())).then(
        refused(f"The SKU-{CD} (SKU-{CD}) is no longer for sale.")
    )
    given(*on_sale(CD, 1999), promotion_created()).when(confirm_price, command(sale())).then(
        refused(f"The SKU-{BOOK} (SKU-{BOOK}) is no longer for sale.")
    )


def test_a_product_that_is_no_longer_priced_in_the_currency_is_refused() -> None:
    given(*CATALOGUE, product_changed(CD, 1999, "EUR")).when(confirm_price, command(sale())).then(
        refused(f"The SKU-{CD} (SKU-{CD}) is no longer priced in USD.")
    )


def test_taxes_and_prices_are_those_of_the_cart_s_destination() -> None:
    rate = tax_rate.Set(**stamp(tax_rates_id("demo")), country="PT", rate="23", inclusive=False, name="IVA")
    portugal = Destination(country="PT")
    taxes = TaxTable((tax_rate_of(rate),), destination_of(portugal))
    taxed = price_items("USD", ITEMS, [], NOW, taxes)
    offered = sale_of(taxed, ITEMS, portugal)
    assert offered.totals.tax == 1035
    given(*CATALOGUE, rate).when(confirm_price, command(offered)).then(confirmed(taxed))
    elsewhere = offered.model_copy(update={"destination": Destination(country="ES")})
    given(*CATALOGUE, rate).when(confirm_price, command(elsewhere)).then(
        refused("The total is now 4498 USD, not 5533.", sale())
    )
    cheaper = product.Changed(**stamp(CD), details=details(f"SKU-{CD}", 1999, prices=regional(1999, PT=1500)))
    scenario = given(*CATALOGUE, cheaper, rate).when(confirm_price, command(offered))
    (fact,) = scenario.work.facts
    assert isinstance(fact, facts.Refused)
    assert fact.totals is not None
    assert fact.totals.subtotal == 3500


def regional(amount: int, **countries: int) -> tuple[product.Price, ...]:
    return (
        product.Price(currency="USD", amount=amount),
        *(product.Price(currency="USD", amount=it, region=country) for country, it in countries.items()),
    )


def test_a_changed_name_does_not_change_the_price() -> None:
    renamed = product.Changed(**stamp(CD), details=details(f"SKU-{CD}", 1999, name="Another name"))
    given(*CATALOGUE, renamed).when(confirm_price, command(sale())).then(confirmed(priced()))


def test_a_repeated_command_gets_the_first_reply_even_after_price_changes() -> None:
    scenario = given(*CATALOGUE, confirmed(priced()), product_changed(CD, 1))
    scenario.when(confirm_price, command(sale())).then(confirmed(priced()))
    refusal = refused("The total is now 1 USD, not 2.", sale())
    given(*CATALOGUE, refusal).when(confirm_price, command(sale())).then(refusal)
