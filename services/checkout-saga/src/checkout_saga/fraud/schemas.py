"""The request and the view of a tenant's fraud rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from checkout_saga.fraud.domain.rules import FraudRules
from checkout_saga.fraud.domain.signals import ADDRESS, AMOUNT, BAD_CODE, OF_ADDRESSES
from checkout_saga.payments.schemas import ProviderName
from contracts.fraud_rules import Bound, Condition, FraudRule
from kernel.http.descriptions import Word
from kernel.http.requests import Amount, Body, Country, Currency

Signal = Literal[
    "attempt", "decline", "paid", "email_mismatch", "tampering", "bad_code", "instruments", "amount"
]
Dimension = Literal["instrument", "customer", "address", "device"]
Verdict = Literal["allow", "review", "deny"]
Method = Literal["card", "paypal", "pix", "boleto"]
MAX_RULES = 100
MAX_BAD_CODES = 100
"""Carts keep no more of an address."""
RULE = {
    "id": "04-customer-attempts-review",
    "enabled": True,
    "signal": "attempt",
    "dimension": "customer",
    "window_seconds": 600,
    "threshold": 5,
    "decision": "review",
}

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "RulesBody": Word("All fraud rules of the shop."),
        "RulesView": Word("All fraud rules of the shop."),
        "rules": Word("In order of their ids.", [RULE]),
        "RuleBody": Word("A fraud rule: what is counted, over which time, and what follows."),
        "ConditionBody": Word("What the payment at hand must be for the rule to hold."),
        "BoundBody": Word("An amount; without a currency in hundredths of the unit of any currency."),
        "RuleBody.id": Word("The rule's name; rules are asked in order of these.", "04-customer-attempts"),
        "RuleBody.enabled": Word("Whether the rule is asked.", True),  # an example
        "signal": Word("What is counted; amount: nothing, the rule holds if its condition does.", "attempt"),
        "dimension": Word("By what payments are recognised as those of one and the same.", "customer"),
        "window_seconds": Word("How far back it counts.", 600),
        "threshold": Word("From how many on the rule holds; the payment at hand is not counted.", 5),
        "RuleBody.decision": Word("What follows if the rule holds.", "review"),
        "if": Word("Further conditions, of the payment at hand."),
        "final": Word("If the rule holds, it alone decides.", False),  # an example
        "methods": Word("Payment methods.", ["card"]),
        "gateways": Word("Payment providers.", ["stripe"]),
        "countries": Word("Of the shipping address, or else of the billing address.", ["BR"]),
        "below": Word("The amount is below this."),
        "from": Word("The amount is this or more."),
        "BoundBody.amount": Word("In minor units, or in hundredths of the unit.", 200),
        "BoundBody.currency": Word("Left out: the amount is in hundredths of any currency's unit.", "USD"),
    }
)


class BoundBody(Body):
    amount: Amount
    currency: Currency | None = None


class ConditionBody(Body):
    model_config = ConfigDict(serialize_by_alias=True)

    methods: Annotated[tuple[Method, ...], Field(max_length=4)] = ()
    gateways: Annotated[tuple[ProviderName, ...], Field(max_length=10)] = ()
    countries: Annotated[tuple[Country, ...], Field(max_length=250)] = ()
    below: BoundBody | None = None
    at_least: Annotated[BoundBody | None, Field(alias="from")] = None


class RuleBody(Body):
    model_config = ConfigDict(serialize_by_alias=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    enabled: bool
    signal: Signal
    dimension: Dimension | None = None
    window_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    threshold: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    decision: Verdict
    condition: Annotated[ConditionBody | None, Field(alias="if")] = None
    final: bool = False

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        counting = self.dimension, self.window_seconds, self.threshold
        if self.signal == AMOUNT and (any(counting) or self.condition is None):
            raise ValueError("A rule of the amount counts nothing: it has a condition alone.")
        if self.signal != AMOUNT and not all(counting):
            raise ValueError("A rule that counts needs dimension, window_seconds and threshold.")
        if self.signal in OF_ADDRESSES and self.dimension != ADDRESS:
            raise ValueError("A rule of tampering or bad_code counts by address.")
        if self.signal == BAD_CODE and self.threshold and self.threshold > MAX_BAD_CODES:
            raise ValueError(f"A rule of bad_code counts {MAX_BAD_CODES} of an address at most.")
        return self

    def rule(self) -> FraudRule:
        return FraudRule(
            id=self.id,
            enabled=self.enabled,
            signal=self.signal,
            dimension=self.dimension,
            window_seconds=self.window_seconds,
            threshold=self.threshold,
            decision=self.decision,
            condition=_condition(self.condition) if self.condition else None,
            final=self.final,
        )


class RulesBody(Body):
    """The whole document."""

    rules: Annotated[tuple[RuleBody, ...], Field(max_length=MAX_RULES)]

    @model_validator(mode="after")
    def _check_ids(self) -> Self:
        if len({it.id for it in self.rules}) < len(self.rules):
            raise ValueError("Give each rule once.")
        return self


class RulesView(BaseModel):
    rules: list[RuleBody]
    version: int


def show_rules(rules: FraudRules, _now: datetime) -> RulesView:
    return RulesView(rules=[_shown(it) for it in rules.rules], version=rules.version)


def _condition(body: ConditionBody) -> Condition:
    return Condition(
        methods=body.methods,
        gateways=body.gateways,
        countries=body.countries,
        below=_bound(body.below),
        at_least=_bound(body.at_least),
    )


def _bound(body: BoundBody | None) -> Bound | None:
    return Bound(amount=body.amount, currency=body.currency) if body else None


def _shown(rule: FraudRule) -> RuleBody:
    shown = rule.model_dump(exclude_none=True)
    if condition := shown.pop("condition", None):
        at_least = condition.pop("at_least", None)
        shown["if"] = condition | ({"from": at_least} if at_least else {})
    return RuleBody.model_validate(shown)
