"""A service that starts loads no library of a payment provider: only a call to the provider does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from checkout_saga.payments.providers.registry import PROVIDERS

LOADED = "import json, sys, checkout_saga.__main__, checkout_saga.app; print(json.dumps(sorted(sys.modules)))"
LIBRARIES = {"stripe", "requests", "urllib3", "charset_normalizer", "httpx_aiohttp", "aiohttp"}


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules that are loaded before checkout-saga serves."""
    command = [sys.executable, "-c", LOADED]
    started = subprocess.run(command, capture_output=True, check=True, text=True)
    return set(json.loads(started.stdout))


def test_checkout_saga_starts_without_the_libraries_of_payment_providers(loaded: set[str]) -> None:
    assert "checkout_saga.app" in loaded
    assert loaded & LIBRARIES == set()


@pytest.mark.parametrize("name", PROVIDERS)
def test_checkout_saga_starts_without_the_adapter_of_a_payment_provider(name: str, loaded: set[str]) -> None:
    adapter = PROVIDERS[name].load().__module__
    assert adapter.startswith(f"checkout_saga.payments.providers.{name}.")
    assert adapter not in loaded
