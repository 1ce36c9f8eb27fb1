"""What a tenant's fraud rules decide, whatever is counted."""

from __future__ import annotations

from typing import Any

import pytest

from cart.carts.refused_requests import MOST
from checkout_saga.fraud.domain.decision import decide, rules_for
from checkout_saga.fraud.domain.rules import DEFAULTS, FraudRules, Payment, rules_id
from checkout_saga.fraud.schemas import MAX_BAD_CODES, RulesBody, show_rules
from checkout_saga.fraud.use_cases.changing import change_rules, find_rules
from contracts import fraud_rules as facts
from contracts.fraud_rules import Bound, Condition, FraudRule
from contracts.screening import PRICE_MEMBERS
from kernel.http.unknown_members import has_unknown_member
from tests.support.scenario import NOW, given, stamp

CARD = Payment("card", "stripe", 13_695, "USD", "BR")
BY_ID = {it.id: it for it in DEFAULTS}


def rule(id_: str, decision: str, **fields: Any) -> FraudRule:
    counting = {"signal": "attempt", "dimension": "customer", "window_seconds": 600, "threshold": 5}
    return FraudRule.model_validate({"id": id_, "enabled": True, "decision": decision, **counting, **fields})


def test_x33_the_strictest_of_the_rules_that_hold_decides_unless_a_final_one_holds() -> None:
    review, deny = BY_ID["04-customer-attempts-review"], BY_ID["05-many-instruments"]
    counts = {review.id: 5, deny.id: 4, "00-friends": 5}
    assert decide([review, deny], counts).decision == "deny"
    allow = rule("00-friends", "allow", final=True)
    assert decide([allow, review, deny], counts).decision == "allow"


def test_without_a_rule_that_holds_the_payment_is_allowed() -> None:
    assert decide(DEFAULTS[:2], {"01-instrument-declines": 2}).decision == "allow"


def test_the_decision_tells_of_every_rule_that_held_what_it_counted() -> None:
    decision = decide(DEFAULTS[:4], {"03-customer-attempts-deny": 9, "04-customer-attempts-review": 9})
    (held,) = decision.rules
    assert held.model_dump() == {
        "id": "04-customer-attempts-review",
        "dimension": "customer",
        "count": 9,
        "threshold": 5,
    }


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        pytest.param(Condition(methods=("card",), gateways=("stripe",)), True, id="method and gateway"),
        pytest.param(Condition(methods=("pix",)), False, id="another method"),
        pytest.param(Condition(gateways=("paypal",)), False, id="another gateway"),
        pytest.param(Condition(countries=("US", "BR")), True, id="one of the countries"),
        pytest.param(Condition(countries=("US",)), False, id="another country"),
        pytest.param(Condition(below=Bound(amount=13_696)), True, id="below"),
        pytest.param(Condition(below=Bound(amount=13_695)), False, id="not below"),
        pytest.param(Condition(at_least=Bound(amount=13_695, currency="USD")), True, id="exactly from"),
        pytest.param(Condition(at_least=Bound(amount=1, currency="EUR")), False, id="another currency"),
    ],
)
def test_a_condition_is_of_the_payment_at_hand(condition: Condition, *, holds: bool) -> None:
    rules = [rule("01", "deny", signal="amount", condition=condition)]
    assert bool(rules_for(rules, CARD)) is holds


@pytest.mark.parametrize(
    ("currency", "below"), [("USD", 199), ("JPY", 1), ("KWD", 1999)], ids=["USD", "JPY", "KWD"]
)
def test_an_amount_without_a_currency_is_in_hundredths_of_any_unit(currency: str, below: int) -> None:
    small = [BY_ID["06-small-amounts"]]
    assert rules_for(small, Payment("card", "stripe", below, currency))
    assert not rules_for(small, Payment("card", "stripe", below + 1, currency))


def test_a_tenant_has_the_default_rules_until_it_sets_its_own() -> None:
    own = rule("b", "deny"), rule("a", "allow")
    story = given().when(lambda _, work: find_rules(work), None)
    assert [it.id for it in story.result.enabled] == [it.id for it in DEFAULTS if it.id != "10-large"]
    story.when(change_rules, own).then(facts.Changed(**stamp(rules_id("demo")), rules=(own[1], own[0])))
    story.when(change_rules, own).then()


def test_the_rules_that_are_shown_can_be_put_again() -> None:
    shown = show_rules(FraudRules.empty(rules_id("demo")), NOW)
    text = shown.model_dump_json(by_alias=True, exclude_none=True, exclude={"version"})
    body = RulesBody.model_validate_json(text)
    assert tuple(it.rule() for it in body.rules) == DEFAULTS


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"signal": "amount"}, id="an amount that counts"),
        pytest.param({"threshold": None}, id="counting without a threshold"),
        pytest.param({"signal": "tampering"}, id="tampering by something else than an address"),
        pytest.param({"signal": "bad_code"}, id="refused codes by something else than an address"),
        pytest.param(
            {"signal": "bad_code", "dimension": "address", "threshold": 101}, id="more codes than are kept"
        ),
        pytest.param({"window_seconds": 86_401}, id="more than a day"),
    ],
)
def test_a_rule_that_could_never_hold_is_refused(fields: dict[str, Any]) -> None:
    body = {"id": "a", "enabled": True, "decision": "deny", "signal": "attempt", "dimension": "customer"}
    with pytest.raises(ValueError, match=r"rule|less than"):
        RulesBody.model_validate({"rules": [{**body, "window_seconds": 600, "threshold": 5, **fields}]})


def test_rule_07_denies_the_payment_after_three_altered_requests_from_its_address() -> None:
    tampering = BY_ID["07-tampering"]
    assert (tampering.dimension, tampering.window_seconds) == ("address", 600)
    assert decide([tampering], {tampering.id: 2}).decision == "allow"
    assert decide([tampering], {tampering.id: 3}).decision == "deny"


def test_rule_08_has_a_payment_reviewed_after_ten_refused_codes_from_its_address() -> None:
    guessing = BY_ID["08-guessing"]
    assert (guessing.signal, guessing.dimension, guessing.window_seconds) == ("bad_code", "address", 600)
    assert decide([guessing], {guessing.id: 9}).decision == "allow"
    assert decide([guessing], {guessing.id: 10}).decision == "review"


def test_carts_keep_as_many_refused_codes_as_a_rule_may_count() -> None:
    assert MOST == MAX_BAD_CODES


@pytest.mark.parametrize(
    ("fault", "tampered"),
    [
        pytest.param({"type": "extra_forbidden", "loc": ("body", "total")}, True, id="a total"),
        pytest.param(
            {"type": "extra_forbidden", "loc": ("body", "payment", "amount")}, True, id="an amount within"
        ),
        pytest.param({"type": "extra_forbidden", "loc": ("body", "colour")}, False, id="another member"),
        pytest.param(
            {"type": "int_type", "loc": ("body", "expected_total", "amount")}, False, id="a wrong type"
        ),
    ],
)
def test_only_a_member_that_no_request_has_and_that_is_named_like_a_price_is_tampering(
    fault: dict[str, Any], *, tampered: bool
) -> None:
    faults = [{"type": "missing", "loc": ("body", "cart_id")}, fault]
    assert has_unknown_member(faults, PRICE_MEMBERS) is tampered
