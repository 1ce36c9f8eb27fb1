"""A stack that is asked to runs simulated payment providers, and its checkout service calls them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

from tests.support.stack import RunningStack, running_stack

CHECKOUT_STACK = (sys.executable, "-m", "tests.support.checkout_stack")
BOTH = {"FEIRA_SIMULATED_PROVIDERS": "stripe,paypal"}


def settings_of(stack: RunningStack, name: str) -> dict[str, str]:
    return psutil.Process(stack.process(name)["pid"]).environ()


def test_the_providers_are_ready_before_the_checkout_service_which_calls_them(tmp_path: Path) -> None:
    with running_stack(tmp_path, BOTH, CHECKOUT_STACK) as stack:
        providers: dict[str, Any] = {
            it["name"]: it for it in stack.status()["processes"] if it["name"] in {"stripe", "paypal"}
        }
        assert [it["state"] for it in providers.values()] == ["ready"] * 2
        settings = settings_of(stack, "checkout-saga")
        assert settings["FEIRA_STRIPE_URL"] == providers["stripe"]["url"]
        assert settings["FEIRA_PAYPAL_URL"] == providers["paypal"]["url"]
        assert "BEGIN CERTIFICATE" in Path(settings["FEIRA_PAYPAL_CA_FILE"]).read_text()

        account = {
            "enabled": True,
            "mode": "test",
            "methods": ["card"],
            "credentials": {"secret_key": "sk_test_simulated"},
        }
        headers = {"Authorization": "Bearer demo-admin", "Idempotency-Key": uuid4().hex}
        url = f"{stack.status()['urls']['checkout-saga']}/v1/payment-accounts/stripe"
        assert httpx.put(url, json=account, headers=headers, trust_env=False).status_code == 200
        key = {"Authorization": "Bearer sk_test_simulated"}
        books = httpx.get(f"{providers['stripe']['url']}/v1/payment_intents", headers=key, trust_env=False)
        assert books.json()["data"] == []
