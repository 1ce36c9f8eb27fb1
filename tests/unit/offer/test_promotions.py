"""Promotions: terms that make sense, codes that are unique however they are typed."""

from datetime import timedelta

import pytest

from contracts import promotion as facts
from offer.application.change_promotion import ChangePromotion, change_promotion
from offer.application.create_promotion import create_promotion
from offer.application.disable_promotion import disable_promotion
from offer.domain.errors import CodeExists, Invalid, NotSupported, PromotionNotFound
from offer.domain.promotion import Promotion
from tests.support.scenario import NOW, given, stamp
from tests.unit.offer.examples import FIVE_OFF, TEN_PERCENT, begun, terms


def test_a_promotion_holds_its_code_and_stands_in_the_list() -> None:
    scenario = given().when(create_promotion, terms("Summer-10"))
    promotion: Promotion = scenario.result
    scenario.then(begun(promotion.id, terms("Summer-10")))
    scenario.then_holds("promotion_code", "summer-10", promotion.id)
    scenario.then_holds("promotion", str(promotion.id), promotion.id)


def test_a_promotion_without_a_code_is_found_by_needing_none() -> None:
    scenario = given().when(create_promotion, terms(None))
    scenario.then_holds("automatic_promotion", str(scenario.result.id), scenario.result.id)


@pytest.mark.parametrize(
    "code", ["SUMMER10", "summer10", " Summer10 ", "\tsummer10\n", "Summer\u200b10", "\ufeffSUMMER10\u200e"]
)
def test_no_two_promotions_have_the_same_code_however_it_is_typed(code: str) -> None:
    scenario = given().claimed("promotion_code", "summer10", FIVE_OFF)
    scenario.when(create_promotion, terms(code)).then_refused(CodeExists)


@pytest.mark.parametrize("code", ["", "  ", "über", "a b", "-a", "a" * 65, "пять"])
def test_a_code_is_made_of_plain_letters_digits_and_a_few_signs(code: str) -> None:
    given().when(create_promotion, terms(code)).then_refused(Invalid)


@pytest.mark.parametrize("percent", ["0.01", "12.5", "33.33", "100"])
def test_a_percentage_has_at_most_two_decimals(percent: str) -> None:
    scenario = given().when(create_promotion, terms(value=percent))
    scenario.then(begun(scenario.result.id, terms(value=percent)))


@pytest.mark.parametrize(
    "told",
    [
        {"value": "0"},
        {"value": "100.01"},
        {"value": "12.345"},
        {"kind": "fixed_amount", "value": "0", "currency": "USD"},
        {"kind": "fixed_amount", "value": "1.5", "currency": "USD"},
        {"kind": "fixed_amount", "value": "500"},
        {"kind": "fixed_amount", "value": "500", "currency": "XXX"},
        {"conditions": {"currency": "ABC"}},
        {"starts_at": NOW, "ends_at": NOW},
    ],
)
def test_terms_that_make_no_sense_are_refused(told: dict[str, object]) -> None:
    given().when(create_promotion, terms().model_validate({**terms().model_dump(), **told})).then_refused(
        Invalid
    )


@pytest.mark.parametrize("kind", ["free_shipping", "volume", "bundle", "buy_x_get_y", "multi_upsell"])
def test_a_kind_that_is_not_built_is_refused(kind: str) -> None:
    told = terms().model_copy(update={"kind": kind})
    given().when(create_promotion, told).then_refused(NotSupported)


def test_a_change_keeps_what_it_does_not_name() -> None:
    given(begun()).when(change_promotion, ChangePromotion(TEN_PERCENT, {"value": "20"})).then(
        facts.Changed(**stamp(TEN_PERCENT), terms=terms(value="20"))
    )


def test_a_change_to_impossible_terms_is_refused() -> None:
    begins = terms(starts_at=NOW)
    ends = {"ends_at": NOW - timedelta(days=1)}
    given(begun(of=begins)).when(change_promotion, ChangePromotion(TEN_PERCENT, ends)).then_refused(Invalid)


def test_with_its_code_a_promotion_gives_the_old_one_free() -> None:
    scenario = given(begun()).claimed("promotion_code", "ten", TEN_PERCENT)
    scenario.when(change_promotion, ChangePromotion(TEN_PERCENT, {"code": None}))
    scenario.then_holds("promotion_code", "ten", None)
    scenario.then_holds("automatic_promotion", str(TEN_PERCENT), TEN_PERCENT)


def test_a_code_that_is_only_written_otherwise_stays_the_same_code() -> None:
    scenario = given(begun()).claimed("promotion_code", "ten", TEN_PERCENT)
    scenario.when(change_promotion, ChangePromotion(TEN_PERCENT, {"code": "ten"}))
    scenario.then(facts.Changed(**stamp(TEN_PERCENT), terms=terms("ten")))
    scenario.then_holds("promotion_code", "ten", TEN_PERCENT)


def test_a_promotion_is_disabled_once() -> None:
    scenario = given(begun()).when(disable_promotion, TEN_PERCENT)
    scenario.then(facts.Disabled(**stamp(TEN_PERCENT))).when(disable_promotion, TEN_PERCENT).then_nothing()


def test_what_does_not_exist_cannot_be_changed() -> None:
    given().when(disable_promotion, TEN_PERCENT).then_refused(PromotionNotFound)
