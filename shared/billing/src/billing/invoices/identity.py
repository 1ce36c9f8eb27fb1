"""Ids that follow from what they are for, so that what runs twice meets what it made before."""

from __future__ import annotations

from uuid import UUID, uuid5


def period_invoice_id(subscription_id: UUID, number: int) -> UUID:
    """Of the invoice of a period. ``number``: the period's."""
    return uuid5(subscription_id, f"invoice:period:{number}")


def change_invoice_id(subscription_id: UUID, change_id: UUID) -> UUID:
    return uuid5(subscription_id, f"invoice:change:{change_id}")


def payment_id(invoice_id: UUID, attempt: int) -> UUID:
    """Of an attempt to charge an invoice, from 1."""
    return uuid5(invoice_id, f"payment:{attempt}")
