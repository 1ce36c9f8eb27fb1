"""What shipping costs, and which options a destination has."""

from dataclasses import replace
from uuid import UUID

import pytest

from pricing.basket import Basket, Line
from pricing.price import price
from pricing.priced import Priced
from pricing.promotions import Promotion
from pricing.rounding import Rounding
from pricing.shipping import (
    ChosenShipping,
    FallbackShipping,
    Shipping,
    ShippingRate,
    fallback_shipping,
    requires_shipping,
    shipping_options,
)
from pricing.tax import Destination, TaxRate, TaxTable
from tests.unit.pricing.examples import HALF_UP, NO_TAX, NOW, amount_off, tax, to_germany

GERMANY = Destination("DE", "BE")
POST = ShippingRate(UUID(int=1), "Post", "EUR", ((500, 490), (2000, 790), (None, 1490)))
CHOSEN = ChosenShipping((POST,), GERMANY)


def parcel(line_id: str = "1", unit_price: int = 1000, grams: int | None = 400, quantity: int = 1) -> Line:
    return Line(line_id, "p", quantity, unit_price, weight_grams=grams, requires_shipping=True)


def priced(
    *lines: Line,
    rules: tuple[Promotion, ...] = (),
    taxes: TaxTable = NO_TAX,
    rounding: Rounding = HALF_UP,
    shipping: Shipping | None = CHOSEN,
) -> Priced:
    return price(Basket("EUR", lines), rules, taxes, rounding, NOW, shipping=shipping)


def options(*rates: ShippingRate, lines: tuple[Line, ...] = (parcel(),), goods: int = 0) -> dict[str, int]:
    return {it.name: it.price for it in shipping_options(lines, rates, GERMANY, goods, "EUR")}


@pytest.mark.parametrize(("goods", "off", "shipping"), [(9999, 0, 490), (10000, 0, 0), (10000, 1, 490)])
def test_e39_a_line_of_an_offer_ships_free_from_its_threshold(goods: int, off: int, shipping: int) -> None:
    line = replace(parcel(unit_price=goods), free_shipping_threshold=10000)
    result = priced(line, rules=(amount_off(off, currency="EUR"),) if off else ())
    assert result.totals.shipping == shipping
    assert result.totals.total == goods - off + shipping


def test_e40_the_weight_of_the_lines_that_are_charged_gives_the_bracket() -> None:
    assert priced(parcel(quantity=3)).totals.shipping == 790
    free = replace(parcel("1", 9000, 1800), free_shipping_threshold=10000)
    result = priced(free, parcel("2", 2000, 450))
    assert (result.totals.shipping, result.totals.total) == (490, 11490)


def test_e44_shipping_is_taxed_by_the_general_rate() -> None:
    result = priced(parcel(unit_price=5000), taxes=to_germany(tax("19", inclusive=True)))
    assert result.totals.tax == 798 + 78 == 876
    assert result.totals.total == 5490


def test_goods_that_no_rate_ships_cannot_be_shipped() -> None:
    elsewhere = ChosenShipping((replace(POST, countries=frozenset({"PT"})),), GERMANY)
    free = replace(parcel(), free_shipping_threshold=0)
    file = replace(parcel(), requires_shipping=False)
    assert [
        priced(parcel(), shipping=elsewhere).cannot_be_shipped,
        priced(free, shipping=elsewhere).cannot_be_shipped,
        priced(file, shipping=elsewhere).cannot_be_shipped,
        priced(parcel(), shipping=ChosenShipping((), GERMANY)).cannot_be_shipped,
        priced(parcel(), shipping=fallback_shipping((), "EUR")).cannot_be_shipped,
        priced(parcel(), shipping=None).cannot_be_shipped,
        priced(parcel()).cannot_be_shipped,
    ] == [True, True, False, False, False, False, False]


def test_shipping_may_have_a_tax_rate_of_its_own() -> None:
    rates = to_germany(tax("19"), tax("7", category="shipping"))
    result = priced(parcel(unit_price=5000), taxes=rates)
    assert result.shipping is not None
    assert (result.shipping.tax, result.shipping.total, result.totals.total) == (34, 524, 5950 + 524)


def test_units_of_an_offers_component_all_weigh() -> None:
    assert priced(replace(parcel(grams=300), units=2)).totals.shipping == 790


def test_a_line_of_unknown_weight_weighs_nothing() -> None:
    assert options(POST, lines=(parcel(grams=None),)) == {"Post": 490}


def test_nothing_is_charged_where_nothing_is_shipped() -> None:
    line = replace(parcel(), requires_shipping=False)
    assert not requires_shipping([line])
    assert priced(line).shipping is None
    assert priced(line, shipping=FallbackShipping(None, "Shipping", 100)).shipping is None


def test_a_parcel_that_is_too_heavy_has_no_option() -> None:
    light = replace(POST, brackets=((500, 490),))
    assert options(light, lines=(parcel(grams=501),)) == {}
    assert options(light, lines=(parcel(grams=500),)) == {"Post": 490}


def test_an_option_delivers_to_its_countries_and_regions() -> None:
    abroad = replace(POST, name="Abroad", countries=frozenset({"FR"}))
    bavaria = replace(POST, name="Bavaria", regions=frozenset({"BY"}))
    berlin = replace(POST, name="Berlin", countries=frozenset({"DE"}), regions=frozenset({"BE"}))
    assert list(options(abroad, bavaria, berlin)) == ["Berlin"]


def test_an_option_is_in_the_currency_of_the_sale() -> None:
    assert options(replace(POST, currency="USD")) == {}


def test_an_option_with_classes_names_those_of_all_shipped_lines() -> None:
    bulky = replace(POST, name="Bulky", shipping_classes=frozenset({"bulky"}))
    sofa = replace(parcel("2"), shipping_class="bulky")
    assert list(options(POST, bulky, lines=(sofa,))) == ["Bulky", "Post"]
    assert list(options(POST, bulky, lines=(sofa, parcel()))) == ["Post"]


def test_an_option_is_free_from_a_value_of_goods() -> None:
    free = replace(POST, free_from=5000)
    assert (options(free, goods=4999), options(free, goods=5000)) == ({"Post": 490}, {"Post": 0})


def test_the_cheapest_option_is_recommended_then_the_fastest_then_by_name() -> None:
    slow, fast = replace(POST, name="B", max_days=5), replace(POST, name="C", max_days=2)
    unknown, dear = replace(POST, name="A"), replace(POST, name="D", brackets=((None, 900),), max_days=1)
    found = shipping_options([parcel()], (dear, unknown, slow, fast), GERMANY, 0, "EUR")
    assert [it.name for it in found] == ["C", "B", "A", "D"]
    assert [it.recommended for it in found] == [True, False, False, False]


def test_a_chosen_option_is_used_as_long_as_it_fits() -> None:
    dear = ShippingRate(UUID(int=2), "Express", "EUR", ((1000, 1500),))
    express = ChosenShipping((POST, dear), GERMANY, dear.rate_id)
    assert priced(parcel(), shipping=express).totals.shipping == 1500
    heavy = priced(parcel(grams=1001), shipping=express)
    assert heavy.shipping is not None
    assert (heavy.shipping.charge.name, heavy.totals.shipping) == ("Post", 790)


def test_if_the_calculation_fails_the_default_rate_is_charged_at_its_first_bracket() -> None:
    default = replace(POST, rate_id=UUID(int=9), is_default=True)
    fallback = fallback_shipping((POST, default), "EUR")
    result = priced(parcel(grams=9000), shipping=fallback)
    assert result.shipping is not None
    assert (result.shipping.charge.option_id, result.totals.shipping) == (default.rate_id, 490)
    assert result.shipping.charge.fallback
    assert priced(parcel(), shipping=fallback_shipping((POST,), "EUR")).totals.shipping == 0


def test_at_the_level_of_the_total_shipping_is_in_the_group_of_its_rate() -> None:
    from pricing.rounding import Level

    rates = TaxTable((TaxRate("DE", tax("10").rate, "VAT 10"),), GERMANY)
    shipping = ChosenShipping((replace(POST, brackets=((None, 15),)),), GERMANY)
    result = priced(
        parcel(unit_price=5),
        parcel("2", 4),
        taxes=rates,
        rounding=Rounding(level=Level.TOTAL),
        shipping=shipping,
    )
    assert result.shipping is not None
    assert ([it.tax for it in result.lines], result.shipping.tax) == ([1, 0], 1)
