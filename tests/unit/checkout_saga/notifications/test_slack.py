"""Only the addresses of webhooks on Slack's own server are called."""

from __future__ import annotations

import asyncio

import pytest

from checkout_saga.notifications.slack import SLACK, connect, is_hook
from kernel.mail.channels import NotTaken

OTHERS = [
    "http://hooks.slack.com/services/T/B/x",
    "https://hooks.slack.com.evil.example/services/x",
    "https://hooks.slack.com@evil.example/services/x",
    "https://user@hooks.slack.com/services/x",
    "https://hooks.slack.com:8443/services/x",
    "https://hooks.slack.com\\@evil.example/services/x",
    "https://169.254.169.254/latest/meta-data",
    "https://hooks.slack.com/",
    "https://hooks.slack.com",
    "https://slack.com/services/x",
    "//hooks.slack.com/services/x",
    "ftp://hooks.slack.com/services/x",
]


def test_a_webhook_of_slack_is_called() -> None:
    assert is_hook("https://hooks.slack.com/services/T0/B0/x", SLACK)


@pytest.mark.parametrize("address", OTHERS)
def test_no_other_address_is_one(address: str) -> None:
    assert not is_hook(address, SLACK)


@pytest.mark.parametrize("address", OTHERS[:2])
def test_no_other_address_is_called_even_if_it_is_stored(address: str) -> None:
    async def offer() -> None:
        async with connect(SLACK, 1) as poster, poster.begin(address):
            raise AssertionError("it was offered")

    with pytest.raises(NotTaken) as refused:
        asyncio.run(offer())
    assert refused.value.for_good
