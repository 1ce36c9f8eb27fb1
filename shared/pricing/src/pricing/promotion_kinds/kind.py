"""A kind of promotion: how its terms are read and checked, and what it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from contracts.promotion import Terms
from pricing.basket import Line
from pricing.rounding import Mode


@dataclass(frozen=True, slots=True)
class Basis:
    """What a promotion is worked out on: the lines that it is for, and what is left of each at its turn.

    A promotion on shipping gets no lines, and under ``SHIPPING`` what is left of the shipping.
    """

    lines: Sequence[Line]
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a promotion gives: ``amount``, before it is limited by a cap and by the sum of ``shared_by``.

    It is shared in proportion to these amounts, which are by line id. ``how`` explains the amount.
    """

    amount: int
    shared_by: Mapping[str, int]
    how: str


class PromotionKind(ABC):
    """The terms of one promotion of the kind. Conditions, caps, order and allocation are the same for all
    kinds: ``discount``, ``combination``. Amounts are in minor units of the sale's currency."""

    __slots__ = ()
    name: ClassVar[str]
    """As in the contracts and in the HTTP interface."""
    on_shipping: ClassVar[bool] = False
    """Whether it is taken off the shipping, after all discounts on goods."""

    @classmethod
    @abstractmethod
    def parse(cls, terms: Terms) -> Self:
        """Read ``value``, ``value_type`` and ``rule``. Raises ``InvalidTerms``."""

    @property
    def needs_currency(self) -> bool:
        """Whether an amount is among the terms, so that they need a currency."""
        return False

    @abstractmethod
    def give(self, basis: Basis, mode: Mode) -> Grant | None:
        """What it gives; None if what it asks for is not reached."""
