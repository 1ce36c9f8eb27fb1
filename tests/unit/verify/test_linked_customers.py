"""Uses of limits by a guest and by the account count together from a while after their link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from verify.checks import promotions, referrals
from verify.dataset.dataset import Dataset, open_dataset
from verify.people import KNOWN_WITHIN

ANN, GUEST, OTHER = "ann", "guest", "guest-2"
LINKED_AT = 10_000.0
LATER = LINKED_AT + KNOWN_WITHIN + 1


class Log:
    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._rows = 0

    def add(
        self,
        type_: str,
        at: float,
        body: dict[str, Any] | None = None,
        customer: str | None = None,
        tenant: str = "demo",
    ) -> None:
        """One stream for each family of types and account."""
        self._rows += 1
        number = self._rows
        stream = customer if type_.startswith("customer.") else type_.partition(".")[0]
        row = ("offer", number, f"{tenant}/{stream}", number, str(number), "fact", tenant, "topic", "key")
        text = None if body is None else json.dumps(body)
        checkout = f"checkout-{number}"
        self.dataset.add("log", [(*row, type_, "cause", at, b"", checkout, customer, text)])

    def link(self, at: float = LINKED_AT, guest: str = GUEST, tenant: str = "demo") -> None:
        self.add("customer.linked", at, {"guest": guest}, ANN, tenant)

    def use_promotion(self, at: float, customer: str) -> None:
        self.add("promotion.reserved", at, {}, customer)

    def use_rule(self, at: float, referee: str) -> None:
        self.add("referral_rule.use_held", at, {"referrer": "bob"}, referee)

    @property
    def found(self) -> list[str]:
        return [
            str(it["wrong"]) for it in (*promotions.limits(self.dataset), *referrals.limits(self.dataset))
        ]


@pytest.fixture
def log() -> Iterator[Log]:
    with open_dataset() as dataset:
        log = Log(dataset)
        log.add("promotion.created", 0, {"terms": {"limits": {"per_customer": 1}}})
        log.add("referral_rule.created", 0, {"details": {"limits": {"per_referee": 1}}})
        yield log


@pytest.mark.parametrize(("first", "second"), [(ANN, GUEST), (GUEST, ANN), (GUEST, OTHER)])
def test_a_second_use_under_another_id_of_the_person_is_a_violation(
    log: Log, first: str, second: str
) -> None:
    log.link()
    log.link(guest=OTHER)
    log.use_promotion(1, first)
    log.use_rule(1, first)
    log.use_promotion(LATER, second)
    log.use_rule(LATER, second)
    assert log.found == ["used beyond the limit of one customer", "used beyond its limit per_referee"]


def test_uses_from_before_the_link_and_from_before_it_must_be_known_are_none(log: Log) -> None:
    log.link()
    for at, customer in ((1, ANN), (LINKED_AT + KNOWN_WITHIN / 2, GUEST)):
        log.use_promotion(at, customer)
        log.use_rule(at, customer)
    assert log.found == []


def test_a_link_of_another_tenant_or_person_does_not_count(log: Log) -> None:
    log.link(tenant="rival")
    log.link(guest=OTHER)
    log.use_promotion(1, ANN)
    log.use_promotion(LATER, GUEST)
    assert log.found == []


@pytest.mark.parametrize(
    ("linked_again", "violations"), [(False, []), (True, ["used beyond the limit of one customer"])]
)
def test_the_erasure_of_the_account_ends_the_link_until_it_is_made_again(
    log: Log, linked_again: bool, violations: list[str]
) -> None:
    log.link()
    log.use_promotion(1, GUEST)
    log.add("customer.erased", LATER, None, ANN)
    if linked_again:
        log.link(at=2 * LATER)
    log.use_promotion(4 * LATER, ANN)
    assert log.found == violations
