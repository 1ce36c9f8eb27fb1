"""What a tenant's rules decide about one attempt to pay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from checkout_saga.fraud.domain.rules import ALLOW, STRICTNESS, Payment, concerns
from checkout_saga.fraud.domain.signals import AMOUNT
from contracts.fraud_rules import FraudRule
from contracts.screening import HoldingRule


@dataclass(frozen=True, slots=True)
class Decision:
    """``rules``: those that held, in order of their ids."""

    decision: str
    rules: tuple[HoldingRule, ...] = ()


def rules_for(rules: Iterable[FraudRule], payment: Payment) -> list[FraudRule]:
    """Those that may hold for the payment; ``rules`` are enabled."""
    return [it for it in rules if concerns(it.condition, payment)]


def decide(rules: Sequence[FraudRule], counts: Mapping[str, int]) -> Decision:
    """``rules``: as of ``rules_for``, in order of their ids. ``counts``: by id of the rule, what it counts
    without the attempt at hand; a rule whose dimension is not known has none.

    The first final rule that holds decides; otherwise the strictest of those that hold.
    """
    holding = [it for it in rules if _holds(it, counts)]
    shown = tuple(
        HoldingRule(
            id=it.id,
            dimension=it.dimension or "",
            count=counts.get(it.id, 0),
            threshold=it.threshold or 0,
        )
        for it in holding
    )
    final = next((it.decision for it in holding if it.final), None)
    strictest = max((it.decision for it in holding), key=STRICTNESS.index, default=ALLOW)
    return Decision(final or strictest, shown)


def _holds(rule: FraudRule, counts: Mapping[str, int]) -> bool:
    if rule.signal == AMOUNT:
        return True
    return rule.threshold is not None and counts.get(rule.id, 0) >= rule.threshold
