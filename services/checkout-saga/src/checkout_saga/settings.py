"""The settings of the checkout service."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from contracts.customer_keys import CUSTOMER_KEYS
from kernel.http.client_address import TrustedProxies
from kernel.limits import rate_limits
from kernel.limits.rate_limits import rate_of
from kernel.security.master_keys import MasterKey, MasterKeys, OlderMasterKeys, derive_key
from kernel.service.database_settings import Password
from kernel.service.link_settings import LinkSettings
from kernel.service.rate_settings import Rate
from kernel.service.settings import Positive, WebUrl
from kernel.service.smtp_settings import SmtpSettings

PRODUCTION_RATE = "5/60"
STARTED_SINCE, NEWEST = 2, 3
"""The oldest and the newest version of the workflow that checkouts may be started with; those of all versions
are carried to their ends. The workflow is above the settings: a test holds the two together."""
UPSELL_LINKS = b"feira upsell links"
"""Derives the keys of such links from master keys."""


class CheckoutSettings(SmtpSettings, LinkSettings):
    master_key: MasterKey
    master_keys_old: OlderMasterKeys = ()
    """Older keys, which still unwrap until everything is rewrapped."""
    gateway_url: WebUrl
    gateway_secret: Annotated[str, Field(min_length=16, repr=False)]
    stripe_url: WebUrl | None = None
    """Another server in place of Stripe's own, for tests alone; None: Stripe's own."""
    paypal_url: WebUrl | None = None
    """Another server in place of PayPal's own, for tests alone; None: PayPal's own."""
    paypal_ca_file: str = ""
    """The certificate authority of that server's webhooks; empty: those of the system."""
    answer_days: Annotated[float, Field(ge=1, le=3660)] = 7.0
    """Retention of responses by idempotency key; the keys of routes that move money are kept for ever."""
    gateway_timeout_seconds: Positive = 2.0
    reconcile_minutes: Annotated[float, Field(ge=1, le=1440)] = 15.0
    """How often the accounts at payment providers are compared with the log."""
    calls: Annotated[int, Field(ge=1, le=1000)] = 64
    """Concurrent gateway calls of a process."""
    calls_per_tenant: Annotated[int, Field(ge=1, le=1000)] = 16
    """Concurrent gateway calls of a process for one tenant at one gateway."""
    checkout_session_minutes: Positive = 15.0
    """Ends before the cart's lock and the stock's reservation by enough to carry a capture through."""
    checkout_definition: Annotated[int, Field(ge=STARTED_SINCE, le=NEWEST)] = NEWEST
    """The version of the workflow that new checkouts follow: an earlier one while a release runs beside this
    one that does not know the newest."""
    checkout_answer_seconds: Positive = 2.0
    """How long POST /v1/checkouts waits for the cart's reply before it responds."""
    fraud: Literal["off", "monitor", "on"] | None = None
    """Whether payments are screened by the tenant's fraud rules; ``monitor``: decided and recorded, and not
    acted on. None: on in production, otherwise off."""
    checkout_rate: Rate | None = None
    """Checkouts that storefronts may start for a customer, or else for a client address, such as 5/60: so
    many in so many seconds; or off. None: 5/60 in production, otherwise off."""
    trusted_proxies: TrustedProxies = ()
    """Networks whose X-Forwarded-For is believed, with commas between; empty: a client is the peer of its
    connection."""
    stuck_after_minutes: Positive = 20.0
    blocked_after_seconds: Positive = 30.0
    """How long a reply of cart or offer may take before the health is degraded."""
    lock_minutes: Positive = 30.0

    recovery_url: str = ""
    """The page of links to abandoned carts; the token follows after a slash."""
    slack_url: WebUrl | None = None
    """Another server in place of Slack's own, for tests alone; None: Slack's own. No other is ever called."""
    notifications: Annotated[int, Field(ge=1, le=100)] = 8
    """Concurrent deliveries of a process."""
    notifications_per_tenant: Annotated[int, Field(ge=1, le=100)] = 2

    asset_url: WebUrl | None = None
    """The bucket with the files of digital products, in a folder for each tenant, in S3 or what understands
    its signed addresses; None: files cannot be fetched."""
    asset_region: str = "us-east-1"
    asset_access_key: str = ""
    asset_secret_key: Password = ""

    @model_validator(mode="after")
    def _require_the_keys_of_the_asset_store(self) -> Self:
        if self.asset_url and not (self.asset_access_key and self.asset_secret_key):
            raise ValueError(
                "FEIRA_ASSET_ACCESS_KEY and FEIRA_ASSET_SECRET_KEY must be set if FEIRA_ASSET_URL is set"
            )
        if self.asset_url and self.env == "production" and urlsplit(self.asset_url).scheme != "https":
            raise ValueError("FEIRA_ASSET_URL must be https:// in production")
        return self

    @model_validator(mode="after")
    def _require_the_page_of_links(self) -> Self:
        if self.smtp_host and urlsplit(self.recovery_url).scheme not in {"http", "https"}:
            raise ValueError("FEIRA_RECOVERY_URL must be an address of the web if FEIRA_SMTP_HOST is set")
        return self

    @model_validator(mode="after")
    def _require_https_in_production(self) -> Self:
        if self.env == "production" and urlsplit(self.gateway_url).scheme != "https":
            raise ValueError("FEIRA_GATEWAY_URL must be https:// in production")
        return self

    @model_validator(mode="after")
    def _keep_to_the_providers_own_servers(self) -> Self:
        if self.env == "production" and self.stripe_url:
            raise ValueError("FEIRA_STRIPE_URL must not be set in production")
        if self.env == "production" and (self.paypal_url or self.paypal_ca_file):
            raise ValueError("FEIRA_PAYPAL_URL and FEIRA_PAYPAL_CA_FILE must not be set in production")
        if self.env == "production" and self.slack_url:
            raise ValueError("FEIRA_SLACK_URL must not be set in production")
        return self

    @property
    def master_keys(self) -> MasterKeys:
        return MasterKeys(CUSTOMER_KEYS, self.master_key, self.master_keys_old)

    @property
    def upsell_link_keys(self) -> tuple[bytes, ...]:
        """For reading; the first one is for making. No other service has them: such a link makes a charge."""
        return tuple(derive_key(it, UPSELL_LINKS) for it in (self.master_key, *self.master_keys_old))

    @property
    def start_rate(self) -> rate_limits.Rate | None:
        default = PRODUCTION_RATE if self.env == "production" else rate_limits.OFF
        return rate_of(self.checkout_rate or default)

    @property
    def reconcile_every(self) -> timedelta:
        return timedelta(minutes=self.reconcile_minutes)

    @property
    def fraud_mode(self) -> str | None:
        """None: payments are not screened."""
        mode = self.fraud or ("on" if self.env == "production" else "off")
        return None if mode == "off" else mode

    @property
    def session_time(self) -> timedelta:
        return timedelta(minutes=self.checkout_session_minutes)
