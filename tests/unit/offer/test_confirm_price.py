"""Confirming a price: the catalogue prices the sale itself and refuses any difference."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from contracts import (
    campaign,
    experiment,
    offer,
    product,
    promotion,
    redemption,
    shipping_rate,
    tax_rate,
    upsell,
)
from contracts import price as facts
from contracts.campaign import CampaignChange, CampaignDetails
from contracts.experiment import Changes, ExperimentDetails, PriceChange, Variant
from contracts.offer import CampaignUse, Component, ConfirmPrice, OfferDetails, OfferPrice, OfferShipping
from contracts.sale import Destination, Exposure, Money, Sale
from contracts.shipping_rate import Bracket, ShippingRateDetails
from contracts.upsell import Reduction, UpsellDetails
from kernel import ids
from offer.campaigns.use_cases.prices import ACTIVE_KEY
from offer.customers.domain import CustomerProfile
from offer.experiments.use_cases.experiments import LAST, RUNS
from offer.quotes.use_cases.confirm_price import PriceConfirmation
from offer.shipping_rates.domain import shipping_rates_id
from offer.tax_rates.domain import tax_rates_id
from pricing.customer import Customer
from pricing.derivation import digest
from pricing.from_contracts import (
    Item,
    destination_of,
    price_items,
    promotion_of,
    sale_of,
    shipping_rate_of,
    tax_rate_of,
)
from pricing.offer_price import parts_of_offer
from pricing.priced import Priced
from pricing.rounding import Level, Mode, Rounding
from pricing.shipping import ChosenShipping
from pricing.tax import Destination as PricingDestination
from pricing.tax import TaxTable
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.customers import FakeCustomers
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CHECKOUT,
    CUSTOMER,
    REDEMPTION,
    TEN_PERCENT,
    archived,
    details,
    on_sale,
    promotion_created,
    terms,
)

AS_PRICED_FOR = timedelta(minutes=5)
confirm_price = PriceConfirmation(
    FakeCustomers(CustomerProfile(CUSTOMER, frozenset({"vip"}), paid_orders=1)), AS_PRICED_FOR
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


def confirmed(result: Priced, items: Sequence[Item] = ITEMS) -> facts.Confirmed:
    totals = sale_of(result, items).totals
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


SOON = NOW + timedelta(minutes=4)


@pytest.mark.parametrize(("now", "is_confirmed"), [(SOON, True), (NOW + timedelta(minutes=6), False)])
def test_windows_are_judged_as_the_cart_was_priced_for_some_minutes(
    now: datetime, is_confirmed: bool
) -> None:
    ends = terms(ends_at=NOW + timedelta(minutes=1))
    past = *CATALOGUE, promotion.Changed(**stamp(TEN_PERCENT), terms=ends)
    offered = sale_of(priced(ends), ITEMS, priced_at=NOW)
    scenario = given(*past).at(now).when(confirm_price, command(offered))
    (fact,) = scenario.work.facts
    assert isinstance(fact, facts.Confirmed if is_confirmed else facts.Refused)


def test_dynamic_rules_are_judged_as_the_cart_was_priced() -> None:
    evening = {"rules": [{"when": {"from_time": "12:00", "to_time": "12:02"}, "amount": 100}]}
    dynamic = product.Changed(
        **stamp(CD), details=details(f"SKU-{CD}", 1999, dynamic=evening, pricing_model="dynamic")
    )
    items = [ITEMS[0]._replace(details=dynamic.details, unit_price=2099), ITEMS[1]]
    result = price_items("USD", items, [], NOW)
    scenario = given(*CATALOGUE, dynamic).at(SOON)
    scenario.when(confirm_price, command(sale_of(result, items, priced_at=NOW))).then(confirmed(result))


def test_the_sale_keeps_the_rounding_that_it_was_priced_with() -> None:
    rounding = Rounding(Mode.HALF_EVEN, Level.TOTAL)
    items = [ITEMS[1]._replace(quantity=1)]
    half = terms(value="0.50")
    past = *CATALOGUE, promotion.Changed(**stamp(TEN_PERCENT), terms=half)
    result = price_items("USD", items, [promotion_of(TEN_PERCENT, half)], NOW, rounding=rounding)
    assert result.totals.discount == 2
    offered = sale_of(result, items, priced_at=NOW)
    (fact,) = given(*past).when(confirm_price, command(offered)).work.facts
    assert isinstance(fact, facts.Confirmed)


def test_prices_and_promotions_are_those_of_the_customer() -> None:
    vip = (
        product.Price(amount=1999, currency="USD"),
        product.Price(amount=1500, currency="USD", segment="vip"),
    )
    for_vips = terms(conditions={"customer_segments": ["vip"]})
    past = (
        *CATALOGUE,
        product.Changed(**stamp(CD), details=details(f"SKU-{CD}", prices=vip)),
        promotion.Changed(**stamp(TEN_PERCENT), terms=for_vips),
    )
    items = [ITEMS[0]._replace(unit_price=1500), ITEMS[1]]
    customer = Customer(CUSTOMER, frozenset({"vip"}), 1)
    result = price_items("USD", items, [promotion_of(TEN_PERCENT, for_vips)], NOW, customer=customer)
    assert result.totals.total == 3150
    (fact,) = given(*past).when(confirm_price, command(sale_of(result, items, priced_at=NOW))).work.facts
    assert isinstance(fact, facts.Confirmed)
    stranger = command(sale_of(result, items, priced_at=NOW)).model_copy(update={"customer_id": "another"})
    (fact,) = given(*past).when(confirm_price, stranger).work.facts
    assert isinstance(fact, facts.Refused)


OFFER, UPSELL, POST = UUID(int=71), UUID(int=72), UUID(int=73)
OFFER_DETAILS = OfferDetails(
    slug="set",
    name="A set",
    type="funnel",
    products=(
        Component(product_id=CD, quantity=2, position=0),
        Component(product_id=BOOK, quantity=1, position=1),
    ),
    price=OfferPrice(currency="USD", base=4000, discount=3000, discount_ends_at=NOW + timedelta(minutes=1)),
    shipping=OfferShipping(requires_shipping=True),
)
BUMP = UpsellDetails(
    type="order_bump", product_id=BOOK, name="A book", discount=Reduction(type="percentage", value="10")
)
ON_OFFER = (
    offer.Created(**stamp(OFFER), details=OFFER_DETAILS),
    offer.Published(**stamp(OFFER)),
    upsell.Created(**stamp(UPSELL), offer_id=OFFER, details=BUMP),
)
DETAILS = {it.product_id: it.details for it in ITEMS}


def offered_items(base: int = 3000) -> list[Item]:
    parts = parts_of_offer(OFFER_DETAILS, base, DETAILS)
    of_offer = [
        Item(
            str(it.position),
            it.product_id,
            DETAILS[it.product_id],
            2,
            parts[it.product_id],
            OFFER,
            OFFER_DETAILS,
            units=it.quantity,
        )
        for it in OFFER_DETAILS.products
    ]
    return [*of_offer, Item("bump", BOOK, DETAILS[BOOK], 1, 450, upsell_id=UPSELL)]


def test_an_offer_and_its_upsell_cost_what_the_offer_says() -> None:
    items = offered_items()
    result = price_items("USD", items, [], NOW)
    assert result.totals.total == 2 * 3000 + 450
    sold = sale_of(result, items, priced_at=NOW)
    given(*CATALOGUE, *ON_OFFER).at(SOON).when(confirm_price, command(sold)).then(confirmed(result, items))
    late = given(*CATALOGUE, *ON_OFFER).after(minutes=6).when(confirm_price, command(sold))
    (fact,) = late.work.facts
    assert isinstance(fact, facts.Refused)
    assert fact.totals is not None
    assert fact.totals.total == 2 * 4000 + 450


def test_an_offer_that_is_not_published_and_a_removed_upsell_are_no_longer_for_sale() -> None:
    items = offered_items()
    sold = sale_of(price_items("USD", items, [], NOW), items, priced_at=NOW)
    for end in (offer.Paused(**stamp(OFFER)), upsell.Removed(**stamp(UPSELL), offer_id=OFFER)):
        (fact,) = given(*CATALOGUE, *ON_OFFER, end).when(confirm_price, command(sold)).work.facts
        assert isinstance(fact, facts.Refused)
        assert "no longer for sale" in fact.detail


CAMPAIGN = UUID(int=78)


@pytest.mark.parametrize("holds", [True, False])
def test_a_checkout_that_holds_its_part_of_a_budget_is_sold_at_the_campaigns_price_when_the_rest_is_exhausted(
    holds: bool,
) -> None:
    details = CampaignDetails(
        name="Sale",
        budget=Money(amount=3000, currency="USD"),
        change=CampaignChange(type="set_price", value="2500"),
        offer_ids=(OFFER,),
    )
    items = [it._replace(campaign_id=CAMPAIGN if it.offer_id else None) for it in offered_items(2500)]
    held = [
        campaign.BudgetHeld(**stamp(CAMPAIGN), checkout_id=CHECKOUT, amount=3000),
        redemption.Made(
            **stamp(REDEMPTION),
            checkout_id=CHECKOUT,
            step="reserve_promotions",
            promotion_ids=(),
            customer_id=CUSTOMER,
            campaigns=(CampaignUse(campaign_id=CAMPAIGN, amount=3000),),
        ),
    ]
    scenario = given(
        *CATALOGUE,
        *ON_OFFER,
        campaign.Created(**stamp(CAMPAIGN), details=details),
        campaign.Started(**stamp(CAMPAIGN)),
        *(held if holds else ()),
        campaign.Exhausted(**stamp(CAMPAIGN), refused=1),
    ).claimed(ACTIVE_KEY, str(CAMPAIGN), CAMPAIGN)
    result = price_items("USD", items, [], NOW)
    scenario.when(confirm_price, command(sale_of(result, items, priced_at=NOW)))
    if holds:
        scenario.then(confirmed(result, items))
    else:
        (fact,) = scenario.work.facts
        assert isinstance(fact, facts.Refused)


EXPERIMENT, CONTROL, CHEAPER = UUID(int=74), UUID(int=75), UUID(int=76)
VARIANTS = (
    Variant(variant_id=CONTROL, name="control", weight=1),
    Variant(variant_id=CHEAPER, name="cheaper", weight=1, changes=Changes(price=PriceChange(discount=2000))),
)
IN_TEST = (
    experiment.Created(
        **stamp(EXPERIMENT), offer_id=OFFER, details=ExperimentDetails(name="Price", variants=VARIANTS)
    ),
    experiment.Started(**stamp(EXPERIMENT), offer_id=OFFER),
)


@pytest.mark.parametrize(
    ("variant_id", "winner", "total"),
    [(CHEAPER, None, 4450), (CONTROL, None, 6450), (CONTROL, CHEAPER, 4450), (CHEAPER, CONTROL, 6450)],
)
def test_a_session_pays_the_price_of_its_variant_and_of_the_winner_afterwards(
    variant_id: UUID, winner: UUID | None, total: int
) -> None:
    """4450 and 6450: two offers at 2000 or 3000, and an upsell at 450."""
    seen = Exposure(experiment_id=EXPERIMENT, variant_id=variant_id, exposure_id=UUID(int=77))
    items = [
        it._replace(experiment=seen if it.offer_id else None) for it in offered_items((total - 450) // 2)
    ]
    result = price_items("USD", items, [], NOW)
    assert result.totals.total == total
    end = [experiment.Stopped(**stamp(EXPERIMENT), offer_id=OFFER, winner=winner)] if winner else []
    scenario = given(*CATALOGUE, *ON_OFFER, *IN_TEST, *end)
    scenario.claimed(LAST if winner else RUNS, str(OFFER), EXPERIMENT)
    sold = sale_of(result, items, priced_at=NOW)
    scenario.when(confirm_price, command(sold)).then(confirmed(result, items))


def test_shipping_costs_what_the_rate_says() -> None:
    germany = Destination(country="DE")
    rate = ShippingRateDetails(name="Post", currency="USD", brackets=(Bracket(amount=490),))
    fact = shipping_rate.Set(**stamp(shipping_rates_id("demo")), rate_id=POST, details=rate)
    shipping = ChosenShipping((shipping_rate_of(fact),), PricingDestination("DE"), POST)
    result = price_items("USD", ITEMS, [], NOW, shipping=shipping)
    sold = sale_of(result, ITEMS, germany, NOW)
    assert sold.totals.total == 4498 + 490
    given(*CATALOGUE, fact).when(confirm_price, command(sold)).then(confirmed(result))
    dearer = fact.model_copy(update={"details": rate.model_copy(update={"brackets": (Bracket(amount=500),)})})
    (answer,) = given(*CATALOGUE, fact, dearer).when(confirm_price, command(sold)).work.facts
    assert isinstance(answer, facts.Refused)


def test_goods_that_the_cart_ships_at_no_charge_are_refused_once_the_shop_has_rates() -> None:
    rate = ShippingRateDetails(
        name="Post", currency="USD", countries=("PT",), brackets=(Bracket(amount=490),)
    )
    fact = shipping_rate.Set(**stamp(shipping_rates_id("demo")), rate_id=POST, details=rate)
    result = price_items("USD", ITEMS, [], NOW)
    for country, detail in (
        ("DE", "Nothing ships the goods to the destination any more."),
        ("PT", "The total is now 4988 USD, not 4498."),
    ):
        sold = sale_of(result, ITEMS, Destination(country=country), NOW)
        given(*CATALOGUE).when(confirm_price, command(sold)).then(confirmed(result))
        (answer,) = given(*CATALOGUE, fact).when(confirm_price, command(sold)).work.facts
        assert isinstance(answer, facts.Refused)
        assert answer.detail == detail


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
