"""The simulated Stripe as a process, and an account at it."""

from __future__ import annotations

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.support.simulated_provider import RunningProvider, running_provider

SECRET_KEY = "sk_test_of_an_account"


class RunningStripe(RunningProvider):
    """The client has the account's key."""

    async def act(self, intent_id: str, do: str = "approve") -> None:
        (await self.client.post(f"/actions/{intent_id}/{do}")).raise_for_status()


def running_stripe(ledger: Path, **settings: str) -> AbstractAsyncContextManager[RunningStripe]:
    """``settings``: more of the simulator's, by the end of their names."""
    keys, headers = {"secret_keys": json.dumps([SECRET_KEY])}, {"Authorization": f"Bearer {SECRET_KEY}"}
    return running_provider(RunningStripe, "stripe", ledger, keys | settings, headers)
