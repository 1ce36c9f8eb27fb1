"""What a vendor earns of an order's lines, and what each refund takes of it. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from billing.marketplace.commission import CommissionTerms, commission_on
from pricing.allocation import allocate
from pricing.rounding import Mode, divide


@dataclass(frozen=True, slots=True)
class SoldLine:
    """
    A vendor's line of a paid order.

    ``total``: what was paid for it, with ``tax``. ``borne``: what of its discount the platform bears.
    ``is_tax_kept``: the vendor remits the tax, so it is part of the share.
    """

    line_id: str
    quantity: int
    total: int
    tax: int
    borne: int = 0
    is_tax_kept: bool = False


@dataclass(frozen=True, slots=True)
class Earned:
    """
    What was paid for a line, and whose it is: ``share`` the vendor's, ``commission`` the platform's.

    A part of one for a refund has the same fields. ``total`` + ``borne`` = ``share`` + ``commission`` + the
    tax that the platform remits.
    """

    line_id: str
    total: int
    tax: int
    commission: int
    borne: int
    share: int
    is_tax_kept: bool

    def less(self, part: Earned) -> Earned:
        """What is left once a refund has taken its part."""
        return replace(
            self,
            total=self.total - part.total,
            tax=self.tax - part.tax,
            commission=self.commission - part.commission,
            borne=self.borne - part.borne,
            share=self.share - part.share,
        )

    def plus(self, part: Earned) -> Earned:
        """Undo ``less``, for a refund that has failed for good."""
        return replace(
            self,
            total=self.total + part.total,
            tax=self.tax + part.tax,
            commission=self.commission + part.commission,
            borne=self.borne + part.borne,
            share=self.share + part.share,
        )

    def part_of(self, amount: int, tax: int, mode: Mode) -> Earned:
        """
        What a refund of an amount with this tax takes of what is left; a dispute takes the same.

        In proportion to what is left, so parts add up to the whole in any order. Raises ``ValueError`` for an
        amount above it.
        """
        if not 0 <= tax <= amount <= self.total:
            raise ValueError(f"cannot take {amount} with tax {tax} of {self.total}")
        whole = self.total or 1
        commission = divide(self.commission * amount, whole, mode)
        borne = divide(self.borne * amount, whole, mode)
        return _earned(self.line_id, amount, tax, commission, borne, self.is_tax_kept)


def earn(line: SoldLine, terms: CommissionTerms, currency: str, mode: Mode) -> Earned:
    """The commission is on what the vendor sells, without tax and before what the platform gives away."""
    base = line.total - line.tax + line.borne
    commission = commission_on(base, terms, line.quantity, currency, mode)
    return _earned(line.line_id, line.total, line.tax, commission, line.borne, line.is_tax_kept)


def _earned(line_id: str, total: int, tax: int, commission: int, borne: int, is_tax_kept: bool) -> Earned:
    share = total - (0 if is_tax_kept else tax) - commission + borne
    return Earned(line_id, total, tax, commission, borne, share, is_tax_kept)


def shipping_shares(shipping: int, totals: Mapping[str, int]) -> dict[str, int]:
    """What each vendor gets of the shipping, by largest remainder. ``totals``: of his shipped lines."""
    return allocate(shipping, totals)


def held_shares(disputed: int, left: Mapping[str, int]) -> dict[str, int]:
    """What of a disputed amount falls on each line, by largest remainder over what is left of them."""
    return allocate(disputed, left)
