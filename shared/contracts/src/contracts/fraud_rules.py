"""The fact of a tenant's fraud rules."""

from contracts.envelope import Fact, Part


class Bound(Part):
    """An amount of money. Without a currency: hundredths of the unit of any currency."""

    amount: int
    currency: str | None = None


class Condition(Part):
    """What the attempt at hand must be for a rule to hold; what is left out is not asked."""

    methods: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    """Countries of the shipping address, or else of the billing address."""
    below: Bound | None = None
    at_least: Bound | None = None


class FraudRule(Part):
    id: str
    enabled: bool
    signal: str
    dimension: str | None = None
    """None: nothing is counted."""
    window_seconds: int | None = None
    threshold: int | None = None
    decision: str
    """``allow``, ``review`` or ``deny``."""
    condition: Condition | None = None
    final: bool = False
    """If it holds, it alone decides."""


class Changed(Fact):
    """All rules after the change, in order of their ids."""

    TYPE = "fraud_rules.changed"
    rules: tuple[FraudRule, ...]


FraudRulesFact = Changed
