"""The fact of a tenant's pricing policy: how amounts are rounded."""

from contracts.envelope import Fact


class Set(Fact):
    TYPE = "pricing_policy.set"
    rounding_mode: str
    """``half_up`` or ``half_even``."""
    tax_rounding: str
    """``line``: the tax of each line is rounded; ``total``: the tax of all lines with the same rate."""


PricingPolicyFact = Set
