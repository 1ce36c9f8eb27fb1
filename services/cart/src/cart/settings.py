"""The settings of the cart service."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from math import inf
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode

from cart.carts.use_cases.policy import Policy
from cart.flows.use_cases.policy import FlowPolicy
from kernel.http.client_address import TrustedProxies
from kernel.limits import rate_limits
from kernel.limits.rate_limits import rate_of
from kernel.service.link_settings import LinkSettings
from kernel.service.rate_settings import Rate
from kernel.service.settings import Positive
from pricing.money import is_currency

PRODUCTION_GUESSES = "10/600"
Amount = Annotated[int, Field(ge=0)]


def _in_use(currency: str) -> str:
    if not is_currency(currency):
        raise ValueError(f"{currency} is not a currency in use.")
    return currency


Currency = Annotated[str, AfterValidator(_in_use)]


def _minutes(value: str | tuple[float, ...]) -> tuple[float, ...]:
    found = tuple(map(float, filter(None, value.split(",")))) if isinstance(value, str) else value
    if any(not 0 < it < later for it, later in pairwise((*found, inf))):
        raise ValueError("must be rising numbers of minutes, with commas between")
    return found


def _storefront(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "{cart_id}" not in url:
        raise ValueError("must look like https://shop.example/cart/{cart_id}")
    return url


RecoveryMinutes = Annotated[tuple[float, ...], NoDecode, BeforeValidator(_minutes)]
Storefront = Annotated[str, AfterValidator(_storefront)]


class LimitSettings(BaseModel):
    """An absent limit is the general one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minimum: Amount | None = None
    maximum: Amount | None = None


class CartSettings(LinkSettings):
    cart_lifetime_hours: Positive = 72.0
    cart_lock_minutes: Positive = 30.0
    """Longer than the longest checkout."""
    cart_abandoned_minutes: Positive = 30.0
    """Without activity for so long, a cart is abandoned."""
    cart_recovery_minutes: RecoveryMinutes = (60.0, 180.0, 1440.0)
    """From an abandonment to each of the messages about it, with commas between; empty: no messages."""
    cart_storefronts: dict[str, Storefront] = {}
    """By tenant: the page to which a recovery link leads a browser, with {cart_id} in its URL."""
    cart_min_order_amount: Amount = 0
    cart_max_order_amount: Amount = 10_000_000
    """Both in hundredths of the unit of the cart's currency: 100,000.00 USD, 100,000 JPY, 100,000.000 KWD."""
    cart_order_limits: dict[str, dict[Currency, LimitSettings]] = {}
    """By tenant and currency, in minor units: limits in place of these two."""
    cart_code_guesses: Rate | None = None
    """Refused discount codes that one cart, and one client address of a storefront, may try / within so many
    seconds, for example 10/600; or off. None: 10/600 in production, otherwise off."""
    trusted_proxies: TrustedProxies = ()
    """Networks whose X-Forwarded-For is believed, with commas between; empty: a client is the peer of its
    connection."""
    cart_name_days: Annotated[float, Field(ge=0, le=3660)] = 90.0
    """How long a cart that has ended is still listed."""
    flow_lifetime_hours: Positive = 72.0
    flow_idle_minutes: Positive = 30.0
    """Without a step for so long, a flow is abandoned."""
    catalogue_patience_seconds: Annotated[float, Field(ge=0, le=5)] = 0.3
    """How long a read waits for a product or a code that the catalogue's projection does not have yet."""

    @property
    def code_guesses(self) -> rate_limits.Rate | None:
        default = PRODUCTION_GUESSES if self.env == "production" else rate_limits.OFF
        return rate_of(self.cart_code_guesses or default)

    @property
    def policy(self) -> Policy:
        return Policy(
            lifetime=timedelta(hours=self.cart_lifetime_hours),
            lock_lifetime=timedelta(minutes=self.cart_lock_minutes),
            abandoned_after=timedelta(minutes=self.cart_abandoned_minutes),
            messages_after=tuple(timedelta(minutes=it) for it in self.cart_recovery_minutes),
            min_order_amount=self.cart_min_order_amount,
            max_order_amount=self.cart_max_order_amount,
            tenant_limits={
                (tenant, currency): (limits.minimum, limits.maximum)
                for tenant, by_currency in self.cart_order_limits.items()
                for currency, limits in by_currency.items()
            },
        )

    @property
    def flow_policy(self) -> FlowPolicy:
        return FlowPolicy(
            lifetime=timedelta(hours=self.flow_lifetime_hours), idle=timedelta(minutes=self.flow_idle_minutes)
        )
