"""The simulated PayPal as a process, and a merchant's access to it."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.support.simulated_provider import RunningProvider, running_provider

CLIENT_ID, CLIENT_SECRET = "a-client", "the secret of a client"


class RunningPayPal(RunningProvider):
    """The client has no credentials: it is for the provider's pages and controls."""

    async def approve(self, order_id: str) -> None:
        (await self.client.post(f"/checkoutnow/{order_id}/approve")).raise_for_status()


def running_paypal(ledger: Path, **settings: str) -> AbstractAsyncContextManager[RunningPayPal]:
    """``settings``: more of the simulator's, by the end of their names."""
    merchants = {"merchants": json.dumps({CLIENT_ID: CLIENT_SECRET})}
    return running_provider(RunningPayPal, "paypal", ledger, merchants | settings)
