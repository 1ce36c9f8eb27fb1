"""What the gateway keeps for itself: a part of each capture, and a sum for each dispute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from simulators.gateway.ledger import Connection
from simulators.gateway.payment import Payment

WHOLE = 10_000
"""Basis points."""
GIVEN_BACK = frozenset({"refunded", "pending"})
CHARGE = """
    INSERT INTO fee (merchant, reference, payment_id, amount, currency, basis_points, charged_at)
    VALUES ($1, $2, $3, $4, $5, $6, feira_now())
"""
BASIS_POINTS = """
    SELECT basis_points FROM fee WHERE merchant = $1 AND payment_id = $2 AND basis_points IS NOT NULL
"""


def part_of(amount: int, basis_points: int) -> int:
    """Rounded half up to a minor unit."""
    return (amount * basis_points + WHOLE // 2) // WHOLE


@dataclass(frozen=True, slots=True)
class Fees:
    """``fixed`` and ``of_dispute`` are minor units of the payment's currency. ``are_returned``: a refund
    gives back the part of the captured amount, never the fixed sum."""

    basis_points: int = 0
    fixed: int = 0
    of_dispute: int = 0
    are_returned: bool = False

    def of_capture(self, amount: int) -> int:
        return part_of(amount, self.basis_points) + self.fixed


def returned_with(refund: int, refunded_before: int, basis_points: int) -> int:
    """What a refund gives back: all refunds of a payment together give back what the whole of them would."""
    return part_of(refunded_before + refund, basis_points) - part_of(refunded_before, basis_points)


async def charge_operation(
    connection: Connection, merchant: str, payment_id: UUID, before: Payment, done: Any, fees: Fees
) -> None:
    """Record the fee that belongs to an operation, in its transaction. ``before``: the payment before it;
    ``done``: the operation's row."""
    if done["status"] == "captured":
        amount = fees.of_capture(done["amount"])
        await charge(connection, merchant, payment_id, done, amount, fees.basis_points)
    elif fees.are_returned and done["operation"] == "refund" and done["status"] in GIVEN_BACK:
        points = await connection.fetchval(BASIS_POINTS, merchant, payment_id) or 0
        amount = -returned_with(done["amount"], before.refunded, points)
        await charge(connection, merchant, payment_id, done, amount)


async def charge(
    connection: Connection,
    merchant: str,
    payment_id: UUID,
    movement: Any,
    amount: int,
    basis_points: int | None = None,
) -> None:
    """``movement``: its reference and currency. A fee of 0 is none."""
    if amount:
        of = movement["reference"], payment_id, amount, movement["currency"], basis_points
        await connection.execute(CHARGE, merchant, *of)
