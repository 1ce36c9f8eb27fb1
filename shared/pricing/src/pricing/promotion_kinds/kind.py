"""A kind of promotion: how its value is written, checked and applied."""

from decimal import Decimal
from typing import Protocol

from pricing.rounding import Mode


class PromotionKind(Protocol):
    """Conditions, caps, order and allocation are the same for all kinds: ``discount``, ``combination``.
    Amounts are in minor units of the sale's currency."""

    name: str
    """As in the contracts and in the HTTP interface."""
    needs_currency: bool
    """Whether the value is an amount, so that the terms need a currency."""

    def check(self, value: Decimal) -> None:
        """Raises ``ValueError`` with the rule, as a sentence, that the value of a shop's terms breaks."""

    def value_of(self, value: Decimal) -> int:
        """The value of the terms as a whole number, as ``Promotion`` and ``AppliedDiscount`` keep it."""

    def amount(self, value: int, basis: int, mode: Mode) -> int:
        """The discount on lines of which ``basis`` is left; the caller limits it to the basis and the cap."""

    def formula(self, value: int, basis: int, mode: Mode) -> str:
        """How ``amount`` was computed, for the derivation of a price."""
