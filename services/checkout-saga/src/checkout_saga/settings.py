"""The settings of the checkout service."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.master_keys import MasterKey, MasterKeys, OlderMasterKeys
from kernel.service.database_settings import Password
from kernel.service.link_settings import LinkSettings
from kernel.service.settings import THIRTEEN_MONTHS, Hours, Port, Positive, WebUrl


class CheckoutSettings(LinkSettings):
    master_key: MasterKey
    master_keys_old: OlderMasterKeys = ()
    """Older keys, which still unwrap until everything is rewrapped."""
    gateway_url: WebUrl
    gateway_secret: Annotated[str, Field(min_length=16, repr=False)]
    answer_hours: Hours = THIRTEEN_MONTHS * 24
    """How long responses are kept for idempotency keys: long, since writes here move money."""
    gateway_timeout_seconds: Positive = 2.0
    calls: Annotated[int, Field(ge=1, le=1000)] = 64
    """Concurrent gateway calls of a process."""
    calls_per_tenant: Annotated[int, Field(ge=1, le=1000)] = 16
    """Concurrent gateway calls of a process for one tenant."""
    checkout_session_minutes: Positive = 15.0
    """Ends before the cart's lock and the stock's reservation by enough to carry a capture through."""
    checkout_answer_seconds: Positive = 2.0
    """How long POST /v1/checkouts waits for the cart's reply before it responds."""
    stuck_after_minutes: Positive = 20.0
    blocked_after_seconds: Positive = 30.0
    """How long a reply of cart or offer may take before the health is degraded."""
    lock_minutes: Positive = 30.0

    smtp_host: str = ""
    """The mail server; empty: no mails are sent."""
    smtp_port: Port = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """``tls`` encrypts from the first byte; ``none`` is for a server on the same host."""
    smtp_ca_file: str = ""
    """The certificate authority of the mail server; empty: those of the system."""
    smtp_username: str = ""
    smtp_password: Password = ""
    smtp_from: str = ""
    """The address from which mails come, also with a name: ``Shop <shop@example.com>``."""
    smtp_seconds: Annotated[float, Field(gt=0, le=10)] = 5.0
    """How long a mail server may take before the transfer of a mail."""
    smtp_transfer_seconds: Annotated[float, Field(gt=0, le=15)] = 15.0
    """How long the transfer of a mail may take."""
    recovery_url: str = ""
    """The page of links to abandoned carts; the token follows after a slash."""
    notifications: Annotated[int, Field(ge=1, le=100)] = 8
    """Concurrent deliveries of a process."""
    notifications_per_tenant: Annotated[int, Field(ge=1, le=100)] = 2

    @model_validator(mode="after")
    def _require_sender_and_page(self) -> Self:
        if self.smtp_host and "@" not in self.smtp_from:
            raise ValueError("FEIRA_SMTP_FROM must be an address if FEIRA_SMTP_HOST is set")
        if self.smtp_host and urlsplit(self.recovery_url).scheme not in {"http", "https"}:
            raise ValueError("FEIRA_RECOVERY_URL must be an address of the web if FEIRA_SMTP_HOST is set")
        if self.smtp_password and self.smtp_tls == "none" and self.env == "production":
            raise ValueError("FEIRA_SMTP_TLS must not be none in production with a password")
        return self

    @model_validator(mode="after")
    def _require_https_in_production(self) -> Self:
        if self.env == "production" and urlsplit(self.gateway_url).scheme != "https":
            raise ValueError("FEIRA_GATEWAY_URL must be https:// in production")
        return self

    @property
    def master_keys(self) -> MasterKeys:
        return MasterKeys(CUSTOMER_KEYS, self.master_key, self.master_keys_old)

    @property
    def session_time(self) -> timedelta:
        return timedelta(minutes=self.checkout_session_minutes)
