"""The cart's policy as its settings make it by default, for tests to change only what matters."""

from dataclasses import replace
from typing import Any

from cart.carts.use_cases.policy import Policy
from cart.settings import CartSettings

DEFAULT_POLICY = CartSettings.model_construct().policy


def policy(**changes: Any) -> Policy:
    return replace(DEFAULT_POLICY, **changes)
