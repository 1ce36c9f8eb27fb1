"""Finds what belongs to a payment in PayPal's transaction search, by the invoice id.

The search lags: what it does not show yet may have happened within the last three hours. So only a search of
a later time proves that nothing happened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from pydantic import ValidationError

from checkout_saga.payments.providers.paypal.access import Account
from checkout_saga.payments.providers.paypal.client import Answer, Client, Reply
from checkout_saga.payments.providers.paypal.documents import TransactionInfo, TransactionPage

PATH = "/v1/reporting/transactions"
LAG = timedelta(hours=3)
MARGIN = timedelta(minutes=15)
"""Clocks differ, and the lag is the provider's own estimate."""
LONGEST = timedelta(days=31)
PAGE = 500
AUTHORIZATION = "T13"
"""The group of event codes of authorizations."""


class SearchFailed(Exception):
    """A page of the search was not answered with a list."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(type(reply).__name__)
        self.reply = reply


def is_complete(since: datetime, now: datetime) -> bool:
    """Whether the search covers ``since`` by now: it lags."""
    return now - since > LAG + MARGIN


async def transactions(
    api: Client, account: Account, start: datetime, end: datetime
) -> AsyncIterator[TransactionInfo]:
    """The transactions in [start, end], page by page, in windows as long as the provider takes. Raises
    ``SearchFailed``."""
    while start < end:
        until = min(end, start + LONGEST)
        page, pages = 1, 1
        while page <= pages:
            window = {"start_date": start.isoformat(timespec="seconds")}
            window |= {"end_date": until.isoformat(timespec="seconds"), "fields": "transaction_info"}
            reply = await api.get(account, PATH, window | {"page_size": str(PAGE), "page": str(page)})
            if not isinstance(reply, Answer):
                raise SearchFailed(reply)
            try:
                read = TransactionPage.model_validate_json(reply.body)
            except ValidationError:
                raise SearchFailed(reply) from None
            for detail in read.transaction_details:
                yield detail.transaction_info
            page, pages = page + 1, read.total_pages
        start = until


async def authorization_of(
    api: Client, account: Account, invoice_id: str, since: datetime, now: datetime
) -> str | None:
    """The id of the invoice's authorization. Raises ``SearchFailed``."""
    async for it in transactions(api, account, since - MARGIN, now):
        if it.invoice_id == invoice_id and it.transaction_event_code.startswith(AUTHORIZATION):
            return it.transaction_id
    return None
