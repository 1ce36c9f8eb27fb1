"""What earnings and payouts post to the ledger: a debit is positive, and a posting adds up to 0."""

from __future__ import annotations

from collections.abc import Iterable

from billing.ledger.accounts import COMMISSION, PAYOUTS_IN_TRANSIT, PROMOTIONS, of_vendor
from billing.marketplace.earnings import Earned
from pricing.ledger.postings import ITEMS, ITEMS_REFUNDED, LOSSES, SHIPPING, TAX_PAYABLE, Posting, fees


def recorded(vendor_id: str, lines: Iterable[Earned], shipping: int = 0) -> Posting:
    """An order is paid: what its sale has posted as the platform's is shared with the vendor.

    ``shipping``: what of it is the vendor's.
    """
    kept = tuple(lines)
    return _without_zeros(
        {
            ITEMS: sum(it.total - it.tax for it in kept),
            SHIPPING: shipping,
            TAX_PAYABLE: _kept_tax(kept),
            PROMOTIONS: sum(it.borne for it in kept),
            of_vendor(vendor_id): -sum(it.share for it in kept) - shipping,
            COMMISSION: -sum(it.commission for it in kept),
        }
    )


def reversed_by_refund(vendor_id: str, parts: Iterable[Earned]) -> Posting:
    """The refund itself has posted the parts as the platform's."""
    kept = tuple(parts)
    return _without_zeros(
        {
            ITEMS_REFUNDED: -sum(it.total - it.tax for it in kept),
            TAX_PAYABLE: -_kept_tax(kept),
            **_borne_by_vendor(vendor_id, kept),
        }
    )


def reversed_by_dispute(vendor_id: str, parts: Iterable[Earned]) -> Posting:
    """A lost dispute has posted the whole amount as a loss; the tax in it is no longer owed."""
    kept = tuple(parts)
    return _without_zeros(
        {
            LOSSES: -sum(it.total for it in kept),
            TAX_PAYABLE: sum(it.tax for it in kept) - _kept_tax(kept),
            **_borne_by_vendor(vendor_id, kept),
        }
    )


def fee_charged(vendor_id: str, gateway: str, fee: int) -> Posting:
    """The vendor bears the fee of a lost dispute."""
    return _transfer(of_vendor(vendor_id), fees(gateway), fee)


def payout_sent(vendor_id: str, amount: int) -> Posting:
    return _transfer(of_vendor(vendor_id), PAYOUTS_IN_TRANSIT, amount)


def payout_settled(source: str, amount: int) -> Posting:
    """``source``: the account from which the provider has paid, the bank's or its own."""
    return _transfer(PAYOUTS_IN_TRANSIT, source, amount)


def payout_refused(vendor_id: str, amount: int) -> Posting:
    return _transfer(PAYOUTS_IN_TRANSIT, of_vendor(vendor_id), amount)


def payout_returned(vendor_id: str, source: str, amount: int) -> Posting:
    """The vendor's bank has sent a settled payout back."""
    return _transfer(source, of_vendor(vendor_id), amount)


def _borne_by_vendor(vendor_id: str, parts: tuple[Earned, ...]) -> dict[str, int]:
    return {
        PROMOTIONS: -sum(it.borne for it in parts),
        of_vendor(vendor_id): sum(it.share for it in parts),
        COMMISSION: sum(it.commission for it in parts),
    }


def _kept_tax(lines: tuple[Earned, ...]) -> int:
    return sum(it.tax for it in lines if it.is_tax_kept)


def _transfer(debited: str, credited: str, amount: int) -> Posting:
    return _without_zeros({debited: amount, credited: -amount})


def _without_zeros(amounts: Posting) -> Posting:
    return {account: amount for account, amount in amounts.items() if amount}
