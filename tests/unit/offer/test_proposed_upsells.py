"""Upsells after a purchase: which are proposed, at what price, and that they are sold at it."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts import price, tax_rate, upsell
from contracts.envelope import Fact
from contracts.offer import ConfirmPrice, ProposeUpsells
from contracts.sale import Destination, Sale, SaleLine, Totals
from contracts.upsell import Origin, Reduction, Trigger, UpsellDetails, Urgency
from kernel import ids
from offer.customers.domain import CustomerProfile
from offer.quotes.domain.price_check import price_check_id
from offer.quotes.use_cases.confirm_price import PriceConfirmation
from offer.quotes.use_cases.propose_upsells import UpsellProposals
from offer.tax_rates.domain import tax_rates_id
from offer.upsells.domain.proposals import proposals_id
from offer.upsells.use_cases.upsells import LISTED
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.offer.customers import FakeCustomers
from tests.unit.offer.examples import BOOK, CD, CHECKOUT, CUSTOMER, archived, created, details, named, on_sale
from tests.unit.offer.offer_examples import OFFER, offer_created, paused, published

ORDER, LAMP, MUG = named("order"), named("lamp"), named("mug")
UPSELLS = [named(f"upsell {it}") for it in range(5)]
NEW_YORK = Destination(country="US", region="NY")
TAX = tax_rate.Set(**stamp(tax_rates_id("demo")), country="US", rate="8.875", inclusive=False, name="Tax")
OFFERED = (*on_sale(CD), *on_sale(BOOK), *on_sale(LAMP, 2500), offer_created(), published(), TAX)
CUSTOMERS = FakeCustomers(CustomerProfile(CUSTOMER, qualifications=frozenset({"basics"})))
propose = UpsellProposals(CUSTOMERS)
confirm_price = PriceConfirmation(CUSTOMERS, timedelta(minutes=5))


def part(product_id: UUID, total: int, **other: object) -> SaleLine:
    fields = {
        "line_id": str(product_id),
        "product_id": product_id,
        "offer_id": OFFER,
        "product_type": "physical_product",
        "sku": "SKU",
        "name": "it",
        "quantity": 1,
        "unit_price": total,
        "discount": 0,
        "tax": 0,
        "total": total,
    }
    return SaleLine.model_validate({**fields, **other})


BOUGHT = Sale(
    currency="USD",
    lines=(part(CD, 6000), part(BOOK, 3900)),
    totals=Totals(subtotal=9900, discount=900, shipping=0, tax=0, total=9000),
    destination=NEW_YORK,
)


def details_of(product_id: UUID = LAMP, **other: object) -> UpsellDetails:
    fields = {
        "type": "upsell",
        "product_id": product_id,
        "name": "A lamp",
        "discount": Reduction(type="percentage", value="20"),
        "post_purchase": True,
    }
    return UpsellDetails.model_validate({**fields, **other})


def shop(*upsells: UpsellDetails, more: tuple[Fact, ...] = ()) -> Scenario:
    """The upsells of the offer, in the order of their ids."""
    known = [
        upsell.Created(**stamp(it), offer_id=OFFER, details=of)
        for it, of in zip(sorted(UPSELLS), upsells, strict=False)
    ]
    story = given(*OFFERED, *known, *more)
    for it in known:
        story.claimed(LISTED, f"{OFFER}:{it.originator_id}", it.originator_id)
    return story


def asked(sale: Sale = BOUGHT, segments: tuple[str, ...] = ()) -> ProposeUpsells:
    return ProposeUpsells(
        checkout_id=CHECKOUT,
        step="complete",
        order_id=ORDER,
        customer_id=CUSTOMER,
        segments=segments,
        sale=sale,
    )


def proposed(story: Scenario) -> tuple[upsell.Proposal, ...]:
    (fact,) = story.work.facts
    assert isinstance(fact, upsell.Proposed)
    assert fact.originator_id == proposals_id(ORDER) == ids.derive_id(ORDER, "upsells")
    return fact.upsells


def test_x18_an_upsell_is_priced_less_its_discount_and_taxed_for_the_destination() -> None:
    (one,) = proposed(shop(details_of()).when(propose, asked()))

    assert (one.product_id, one.name, one.quantity) == (LAMP, "A lamp", 1)
    assert one.sale.totals == Totals(subtotal=2000, discount=0, shipping=0, tax=178, total=2178)
    assert (one.sale.destination, one.sale.discounts, one.sale.shipping) == (NEW_YORK, (), None)
    (line,) = one.sale.lines
    assert (line.product_id, line.offer_id, line.upsell_id) == (LAMP, OFFER, one.upsell_id)


def test_only_those_for_after_a_purchase_are_proposed_and_at_most_three() -> None:
    story = shop(
        details_of(post_purchase=False),
        details_of(priority=3),
        details_of(priority=1),
        details_of(priority=2),
        details_of(priority=4),
    )
    first = sorted(UPSELLS)

    found = [it.upsell_id for it in proposed(story.when(propose, asked()))]

    assert found == [first[2], first[3], first[1]]


@pytest.mark.parametrize(
    ("trigger", "is_proposed"),
    [
        ({"minimum_cart_value": 9000}, True),
        ({"minimum_cart_value": 9001}, False),
        ({"maximum_cart_value": 8999}, False),
        ({"required_products": (CD,)}, True),
        ({"required_products": (MUG,)}, False),
        ({"customer_segments": ("new", "vip")}, True),
        ({"customer_segments": ("vip",)}, False),
        ({"show_after_seconds": 60}, True),
    ],
)
def test_its_conditions_hold_for_what_was_bought(trigger: dict[str, object], is_proposed: bool) -> None:
    story = shop(details_of(trigger=Trigger.model_validate(trigger)))

    assert bool(proposed(story.when(propose, asked(segments=("new",))))) is is_proposed


@pytest.mark.parametrize(
    ("of", "more"),
    [
        (details_of(CD), ()),
        (details_of(MUG), ()),
        (details_of(), (archived(LAMP),)),
        (details_of(), (paused(),)),
        (details_of(urgency=Urgency(ends_at=NOW)), ()),
    ],
    ids=["bought already", "no such product", "not for sale", "offer paused", "its time is over"],
)
def test_what_cannot_be_bought_is_not_proposed(of: UpsellDetails, more: tuple[Fact, ...]) -> None:
    assert proposed(shop(of, more=more).when(propose, asked())) == ()


def test_what_has_no_price_in_the_currency_of_the_order_is_not_proposed() -> None:
    euros = BOUGHT.model_copy(update={"currency": "EUR"})

    assert proposed(shop(details_of()).when(propose, asked(euros))) == ()


@pytest.mark.parametrize(("required", "is_proposed"), [("basics", True), ("an exam", False)])
def test_a_certification_is_proposed_to_whom_has_what_it_requires(required: str, is_proposed: bool) -> None:
    course = created(MUG, details("CERT", 500, type="certification", prerequisites=(required,)))
    active = on_sale(MUG)[1]

    assert bool(proposed(shop(details_of(MUG), more=(course, active)).when(propose, asked()))) is is_proposed


@pytest.mark.parametrize(("seats", "is_proposed"), [(2, True), (1, False)])
def test_a_team_licence_is_proposed_with_as_many_seats_as_one_must_buy(seats: int, is_proposed: bool) -> None:
    licence = created(MUG, details("TEAM", 500, type="team_license")), on_sale(MUG)[1]

    story = shop(details_of(MUG, quantity=seats), more=licence).when(propose, asked())

    assert bool(proposed(story)) is is_proposed


def test_the_upsells_of_an_offer_of_which_only_an_upsell_was_bought_are_not_proposed() -> None:
    lines = (part(CD, 6000, offer_id=None), part(BOOK, 3900, upsell_id=named("another")))

    assert proposed(shop(details_of()).when(propose, asked(BOUGHT.model_copy(update={"lines": lines})))) == ()


def test_a_repeated_request_is_answered_as_before_whatever_has_changed() -> None:
    story = shop(details_of()).when(propose, asked())
    first = proposed(story)

    assert proposed(story.after(minutes=1).when(propose, asked(segments=("vip",)))) == first


def bought(story: Scenario, one: upsell.Proposal, sale: Sale) -> Fact:
    origin = Origin(order_id=ORDER, upsell_id=one.upsell_id, attempt=1)
    command = ConfirmPrice(
        checkout_id=MUG, step="confirm_price", customer_id=CUSTOMER, sale=sale, origin=origin
    )
    (fact,) = story.when(confirm_price, command).work.facts
    assert fact.originator_id == price_check_id(MUG)
    return fact


def test_an_upsell_is_confirmed_at_the_price_of_its_proposal_though_the_catalogue_has_another() -> None:
    story = shop(details_of(), more=()).when(propose, asked())
    (one,) = proposed(story)
    story.world.record(archived(LAMP).model_copy(update={"originator_version": 3}))

    fact = bought(story, one, one.sale)

    assert isinstance(fact, price.Confirmed)
    assert (fact.totals, fact.digest) == (one.sale.totals, one.digest)


def test_another_sale_than_the_proposed_one_is_refused() -> None:
    story = shop(details_of()).when(propose, asked())
    (one,) = proposed(story)
    line = one.sale.lines[0].model_copy(update={"unit_price": 1, "total": 1})

    fact = bought(story, one, one.sale.model_copy(update={"lines": (line,)}))

    assert isinstance(fact, price.Refused)
    assert fact.code == "PRICE_CHANGED"


def test_what_was_never_proposed_is_refused() -> None:
    story = shop(details_of()).when(propose, asked())
    (one,) = proposed(story)

    fact = bought(story, one.model_copy(update={"upsell_id": MUG}), one.sale)

    assert isinstance(fact, price.Refused)
    assert fact.detail == "This was not proposed."
