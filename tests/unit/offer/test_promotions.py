"""Promotions: consistent terms, and codes that are unique however they are typed."""

from datetime import timedelta
from unittest.mock import ANY as ANY_ID
from uuid import UUID

import pytest
from pydantic import ValidationError

from contracts import promotion as facts
from kernel.errors import KeyClaimed
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import CodeExists, Invalid
from offer.promotions.domain.errors import PromotionNotFound, TooManyAutomaticPromotions
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.automatic import AUTOMATIC, MOST_AUTOMATIC
from offer.promotions.use_cases.promotions import (
    ChangePromotion,
    change_promotion,
    claim_again,
    create_promotion,
    disable_promotion,
)
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.offer.examples import FIVE_OFF, TEN_PERCENT, promotion_created, terms


def places_of(scenario: Scenario) -> list[UUID | None]:
    """Whose the places of automatic promotions are."""
    return [owner for (kind, _), owner in scenario.world.claims.items() if kind == AUTOMATIC and owner]


def full(*, but: int = 0) -> Scenario:
    """All places of automatic promotions but so many are taken."""
    scenario = given(promotion_created(TEN_PERCENT, terms(None)))
    for number in range(MOST_AUTOMATIC - but):
        scenario.claimed(AUTOMATIC, f"{number:03}", TEN_PERCENT if number == 0 else UUID(int=number))
    return scenario


def test_at_most_100_automatic_promotions_are_on() -> None:
    full(but=1).when(create_promotion, terms(None)).then_holds(AUTOMATIC, "099", ANY_ID)
    full().when(create_promotion, terms(None)).then_refused(TooManyAutomaticPromotions)
    coded = full().claimed("promotion_code", "five", FIVE_OFF)
    coded.world.record(promotion_created(FIVE_OFF, terms("five")))
    coded.when(change_promotion, ChangePromotion(FIVE_OFF, {"code": None}))
    coded.then_refused(TooManyAutomaticPromotions)


def test_an_automatic_promotion_that_is_disabled_or_gets_a_code_leaves_its_place() -> None:
    disabled = full().when(disable_promotion, TEN_PERCENT).when(create_promotion, terms(None))
    assert disabled.result.id in places_of(disabled)
    coded = full().when(change_promotion, ChangePromotion(TEN_PERCENT, {"code": "TEN"}))
    coded.when(create_promotion, terms(None))
    assert coded.result.id in places_of(coded)


def test_a_recovered_automatic_promotion_keeps_its_place_or_takes_none_of_another() -> None:
    async def recover(promotion_id: UUID, work: UnitOfWork) -> None:
        await claim_again(await work.open(Promotion, promotion_id), work)

    with pytest.raises(
        KeyClaimed, match=f"'000' is held by {TEN_PERCENT}"
    ):  # a recovery leaves what it holds
        full().when(recover, TEN_PERCENT)

    alone = given(promotion_created(TEN_PERCENT, terms(None)))
    alone.when(recover, TEN_PERCENT).then_holds(AUTOMATIC, str(TEN_PERCENT), TEN_PERCENT)
    for _ in range(MOST_AUTOMATIC - 1):
        alone.when(create_promotion, terms(None))
    alone.when(create_promotion, terms(None)).then_refused(TooManyAutomaticPromotions)


def test_a_promotion_has_unique_keys_for_its_code_and_the_list() -> None:
    scenario = given().when(create_promotion, terms("Summer-10"))
    promotion: Promotion = scenario.result
    scenario.then(promotion_created(promotion.id, terms("Summer-10")))
    scenario.then_holds("promotion_code", "summer-10", promotion.id)
    scenario.then_holds("promotion", str(promotion.id), promotion.id)


def test_a_promotion_without_a_code_is_indexed_as_automatic() -> None:
    scenario = given().when(create_promotion, terms(None))
    assert scenario.result.id in places_of(scenario)


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
    scenario.then(promotion_created(scenario.result.id, terms(value=percent)))


@pytest.mark.parametrize(
    "changes",
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
def test_inconsistent_terms_are_refused(changes: dict[str, object]) -> None:
    given().when(create_promotion, terms().model_validate({**terms().model_dump(), **changes})).then_refused(
        Invalid
    )


def test_a_change_keeps_the_fields_that_it_leaves_out() -> None:
    given(promotion_created()).when(change_promotion, ChangePromotion(TEN_PERCENT, {"value": "20"})).then(
        facts.Changed(**stamp(TEN_PERCENT), terms=terms(value="20"))
    )


def test_a_field_that_no_promotion_has_does_not_vanish_from_the_fact() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        given(promotion_created()).when(change_promotion, ChangePromotion(TEN_PERCENT, {"vlaue": "20"}))


def test_a_change_to_inconsistent_terms_is_refused() -> None:
    begins = terms(starts_at=NOW)
    ends = {"ends_at": NOW - timedelta(days=1)}
    given(promotion_created(of=begins)).when(
        change_promotion, ChangePromotion(TEN_PERCENT, ends)
    ).then_refused(Invalid)


def test_a_removed_code_releases_its_unique_key() -> None:
    scenario = given(promotion_created()).claimed("promotion_code", "ten", TEN_PERCENT)
    scenario.when(change_promotion, ChangePromotion(TEN_PERCENT, {"code": None}))
    scenario.then_holds("promotion_code", "ten", None)
    assert TEN_PERCENT in places_of(scenario)


def test_a_code_that_only_changes_in_case_keeps_its_unique_key() -> None:
    scenario = given(promotion_created()).claimed("promotion_code", "ten", TEN_PERCENT)
    scenario.when(change_promotion, ChangePromotion(TEN_PERCENT, {"code": "ten"}))
    scenario.then(facts.Changed(**stamp(TEN_PERCENT), terms=terms("ten")))
    scenario.then_holds("promotion_code", "ten", TEN_PERCENT)


def test_a_promotion_is_disabled_once() -> None:
    scenario = given(promotion_created()).when(disable_promotion, TEN_PERCENT)
    scenario.then(facts.Disabled(**stamp(TEN_PERCENT))).when(disable_promotion, TEN_PERCENT).then_nothing()


def test_an_unknown_promotion_cannot_be_changed() -> None:
    given().when(disable_promotion, TEN_PERCENT).then_refused(PromotionNotFound)
