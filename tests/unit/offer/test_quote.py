"""Quotes: the price of a sale by the catalogue, and which codes apply."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts import promotion as facts
from contracts import tax_rate
from contracts.sale import Destination
from kernel.domain import Refused
from offer.catalogue.domain.errors import ProductNotFound
from offer.catalogue.domain.variants import combination
from offer.customers.domain import CustomerProfile
from offer.quotes.domain.errors import (
    CourseQuantityLimit,
    CurrencyNotPriced,
    DuplicateCourse,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    MultipleSubscriptions,
    PrerequisitesNotMet,
    SubscriptionQuantityLimit,
)
from offer.quotes.use_cases.quote import Buyer, Quote, QuoteRequest, Rejection, quote
from offer.quotes.use_cases.wanted_lines import QuoteLine
from offer.tax_rates.domain import tax_rates_id
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.offer.customers import FakeCustomers
from tests.unit.offer.examples import (
    BOOK,
    CD,
    CUSTOMER,
    FIVE_OFF,
    OTHER_CHECKOUT,
    TEN_PERCENT,
    activated,
    archived,
    created,
    details,
    named,
    on_sale,
    promotion_created,
    terms,
)

PROFILES = FakeCustomers(CustomerProfile(CUSTOMER, frozenset({"vip"}), paid_orders=3))


def request(quantity: int = 2, **other: object) -> QuoteRequest:
    return QuoteRequest(**{"currency": "USD", "lines": (QuoteLine(quantity, CD),), **other})  # type: ignore[arg-type]  # fields by name


def quoted(scenario: Scenario, quote_request: QuoteRequest) -> Quote:
    result = scenario.when(quote, quote_request, PROFILES).then_nothing().result
    assert isinstance(result, Quote)
    return result


def test_a_quote_uses_the_catalogue_s_prices() -> None:
    result = quoted(given(*on_sale(amount=1999)), request(2))
    assert result.priced.totals.total == 3998


@pytest.mark.parametrize(
    ("quote_request", "refusal"),
    [
        (request(0), InvalidQuantity),
        (request(-1), InvalidQuantity),
        (request(11), MaxItemQuantityExceeded),
        (request(currency="EUR"), CurrencyNotPriced),
        (request(lines=(QuoteLine(1, BOOK),)), ProductNotFound),
    ],
)
def test_a_line_that_cannot_be_sold_is_refused(quote_request: QuoteRequest, refusal: type[Refused]) -> None:
    given(*on_sale()).when(quote, quote_request, PROFILES).then_refused(refusal)


def test_drafts_and_archived_products_are_not_for_sale() -> None:
    given(created()).when(quote, request(), PROFILES).then_refused(ProductNotFound)
    given(*on_sale(), archived()).when(quote, request(), PROFILES).then_refused(ProductNotFound)


def test_a_code_applies_once_however_it_is_typed() -> None:
    scenario = given(*on_sale(amount=1000), promotion_created()).claimed("promotion_code", "ten", TEN_PERCENT)
    result = quoted(scenario, request(2, codes=("Ten", " TEN ")))
    assert result.priced.totals.discount == 200


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
def test_a_code_that_does_not_apply_is_rejected_with_its_reason(of: facts.Terms, reason: str) -> None:
    use = facts.Reserved(**stamp(TEN_PERCENT), checkout_id=OTHER_CHECKOUT, customer_id=CUSTOMER)
    scenario = given(*on_sale(), promotion_created(of=of), use).claimed("promotion_code", "ten", TEN_PERCENT)
    result = quoted(scenario, request(codes=("TEN",), buyer=Buyer(CUSTOMER)))
    assert result.rejected == (Rejection("TEN", TEN_PERCENT, reason),)
    assert result.priced.totals.discount == 0


def test_an_unknown_code_and_a_disabled_one_are_rejected() -> None:
    off = facts.Disabled(**stamp(TEN_PERCENT))
    scenario = given(*on_sale(), promotion_created(), off).claimed("promotion_code", "ten", TEN_PERCENT)
    result = quoted(scenario, request(codes=("TEN", "nope", "not a code!")))
    assert result.rejected == (
        Rejection("TEN", TEN_PERCENT, "disabled"),
        Rejection("nope", None, "unknown"),
        Rejection("not a code!", None, "unknown"),
    )


def test_promotions_without_a_code_are_tried_on_every_sale() -> None:
    automatic = promotion_created(FIVE_OFF, terms(None, "500", kind="fixed_amount", currency="USD"))
    result = quoted(given(*on_sale(amount=1000), automatic), request(1, automatic=(FIVE_OFF,)))
    assert result.priced.totals.total == 500


def test_a_quote_for_another_time_uses_the_promotions_of_that_time() -> None:
    soon = promotion_created(of=terms(starts_at=NOW + timedelta(hours=1)))
    scenario = given(*on_sale(amount=1000), soon).claimed("promotion_code", "ten", TEN_PERCENT)
    result = quoted(scenario, request(1, codes=("TEN",), at=NOW + timedelta(hours=2)))
    assert result.priced.totals.total == 900


def test_the_destination_decides_on_tax_and_regional_price() -> None:
    prices = [{"amount": 1000, "currency": "USD"}, {"amount": 800, "currency": "USD", "region": "US"}]
    rate = tax_rate.Set(
        **stamp(tax_rates_id("demo")), country="US", region="NY", rate="8.875", inclusive=False, name="Tax"
    )
    scenario = given(created(of=details(prices=prices)), activated(), rate)
    result = quoted(scenario, request(1, destination=Destination(country="US", region="NY")))
    assert (result.priced.totals.subtotal, result.priced.totals.tax, result.priced.totals.total) == (
        800,
        71,
        871,
    )


def test_what_is_known_of_a_customer_counts_unless_the_quote_says_otherwise() -> None:
    prices = [{"amount": 1000, "currency": "USD"}, {"amount": 900, "currency": "USD", "segment": "vip"}]
    first = terms(None, conditions={"first_order": True})
    scenario = given(created(of=details(prices=prices)), activated(), promotion_created(of=first))

    def total(buyer: Buyer) -> int:
        wanted = request(1, buyer=buyer, automatic=(TEN_PERCENT,))
        return quoted(scenario, wanted).priced.totals.total

    assert total(Buyer()) == 1000
    assert total(Buyer(CUSTOMER)) == 900
    assert total(Buyer(CUSTOMER, segments=frozenset())) == 1000
    assert total(Buyer(CUSTOMER, paid_orders=0)) == 810
    assert total(Buyer(segments=frozenset({"vip"}))) == 900


COURSE, BUNDLE, OTHER = named("course"), named("bundle"), named("other bundle")
TWO_COURSES = {"type": "bundle", "course_ids": [str(COURSE), str(named("abroad"))]}
LICENCE = {"type": "team_license", "min_users": 3, "max_users": 20}
CERTIFICATE = {"type": "certification", "prerequisites": [str(COURSE), "nurse"]}


def school(**of_cd: object) -> Scenario:
    """A course, two bundles that name it, and CD, of another type."""
    products = {COURSE: {"type": "course"}, BUNDLE: TWO_COURSES, OTHER: TWO_COURSES, CD: of_cd}
    facts_of = (
        (created(key, details(f"S-{key}", **of)), activated(key))  # type: ignore[arg-type]  # fields by name
        for key, of in products.items()
    )
    return given(*(fact for pair in facts_of for fact in pair))


@pytest.mark.parametrize(
    ("of_cd", "lines", "refusal"),
    [
        ({}, [(COURSE, 2)], CourseQuantityLimit),
        ({}, [(COURSE, 1), (COURSE, 1)], DuplicateCourse),
        ({}, [(BUNDLE, 1), (COURSE, 1)], DuplicateCourse),
        ({}, [(BUNDLE, 1), (OTHER, 1)], DuplicateCourse),
        ({"type": "subscription"}, [(CD, 2)], SubscriptionQuantityLimit),
        ({"type": "subscription"}, [(CD, 1), (CD, 1)], MultipleSubscriptions),
        (LICENCE, [(CD, 2)], InvalidQuantity),
        (LICENCE, [(CD, 21)], MaxItemQuantityExceeded),
        ({}, [(CD, 6), (CD, 5)], MaxItemQuantityExceeded),
    ],
)
def test_a_quote_refuses_what_a_cart_would(
    of_cd: dict[str, object], lines: list[tuple[UUID, int]], refusal: type[Refused]
) -> None:
    wanted = tuple(QuoteLine(quantity, product_id) for product_id, quantity in lines)
    school(**of_cd).when(quote, request(lines=wanted), PROFILES).then_refused(refusal)


def test_a_quote_prices_what_a_cart_would_take() -> None:
    wanted = (QuoteLine(2, BUNDLE), QuoteLine(20, CD))
    assert quoted(school(**LICENCE), request(lines=wanted)).priced.totals.total == 22 * 1999


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        (CustomerProfile(CUSTOMER), (str(COURSE), "nurse")),
        (
            CustomerProfile(CUSTOMER, qualifications=frozenset({"nurse"}), bought=frozenset({COURSE})),
            (str(COURSE),),
        ),
        (CustomerProfile(CUSTOMER, fulfilled=frozenset({BUNDLE})), ("nurse",)),
    ],
)
def test_a_quote_for_a_customer_says_what_a_certification_lacks(
    profile: CustomerProfile, missing: tuple[str, ...]
) -> None:
    asked = request(1, buyer=Buyer(CUSTOMER))
    scenario = school(**CERTIFICATE).when(quote, asked, FakeCustomers(profile))
    scenario.then_refused(PrerequisitesNotMet, missing=missing)


def test_a_certification_is_priced_for_who_has_what_it_requires_and_for_the_unknown() -> None:
    has = CustomerProfile(CUSTOMER, qualifications=frozenset({"nurse"}), fulfilled=frozenset({COURSE}))
    school(**CERTIFICATE).when(quote, request(1, buyer=Buyer(CUSTOMER)), FakeCustomers(has)).then_nothing()
    quoted(school(**CERTIFICATE), request(1))


def test_a_product_is_not_quoted_while_active_variants_are_sold_in_its_place() -> None:
    shirt = details("SHIRT", options={"size": ["S", "M"]})
    small = details("SHIRT-S", options={"size": "S"}, variant_of=CD)
    past = (created(CD, shirt), activated(CD), created(BOOK, small))
    key = f"{CD}:{combination(small)}"
    scenario = given(*past).claimed("variant", key, BOOK)
    quoted(scenario, request(1))
    scenario = given(*past, activated(BOOK)).claimed("variant", key, BOOK)
    assert quoted(scenario, request(lines=(QuoteLine(1, BOOK),))).priced.totals.total == 1999
    scenario.when(quote, request(1), PROFILES).then_refused(ProductNotFound)
