"""A tenant's settings of checkouts and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from contracts import settings as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id

TENANTS = UUID("9d1c7e0a-4a53-4f7e-8a53-0f0b6f1c2d77")
MANUAL, REFUND = "manual", "refund"


@dataclass(frozen=True, slots=True)
class ShopSettings:
    fulfillment: Mapping[str, str] = field(default_factory=dict)
    """Product type to ``auto`` or ``manual``; types that are left out are ``auto``."""
    on_fulfillment_failure: str = "operator"
    return_days: int = 30
    action_minutes: int = 15
    """How long a customer has to act, or to choose another way to pay."""
    pix_minutes: int = 30
    boleto_days: int = 3
    """Until the end of that day in Brazil."""
    hold_stock: Mapping[str, bool] = field(default_factory=dict)
    """By payment method: whether stock is held while a checkout waits for such a payment. Left out: it is."""
    upsell_minutes: int = 10
    """How long after a purchase its upsells may be bought."""
    locale: str = "en"
    """The language of messages whose recipient has none of their own."""
    storefront_url: str | None = None
    """Where the pages are to which links in messages lead."""
    mail_from: str | None = None
    mail_name: str | None = None
    """From whom mails come; None: as the operator of the service has set it."""

    review_hours: int = 24
    """How long a payment may wait for a fraud review."""
    review_timeout: str = "decline"
    """How a review ends if nothing is decided in that time: ``decline`` or ``approve``."""

    @property
    def review_time(self) -> timedelta:
        return timedelta(hours=self.review_hours)

    def holds_stock_for(self, method: str) -> bool:
        return self.hold_stock.get(method, True)

    def is_manual(self, product_type: str) -> bool:
        return self.fulfillment.get(product_type) == MANUAL

    @property
    def refunds_failures(self) -> bool:
        return self.on_fulfillment_failure == REFUND


class TenantSettings(Aggregate):
    """The defaults until they are set."""

    def initialise(self) -> None:
        self.current = ShopSettings()

    def change(self, settings: ShopSettings) -> None:
        """Records nothing if nothing changes."""
        if settings != self.current:
            self.record(
                facts.Changed(
                    fulfillment=dict(settings.fulfillment),
                    on_fulfillment_failure=settings.on_fulfillment_failure,
                    return_days=settings.return_days,
                    action_minutes=settings.action_minutes,
                    pix_minutes=settings.pix_minutes,
                    boleto_days=settings.boleto_days,
                    hold_stock=dict(settings.hold_stock),
                    upsell_minutes=settings.upsell_minutes,
                    locale=settings.locale,
                    storefront_url=settings.storefront_url,
                    mail_from=settings.mail_from,
                    mail_name=settings.mail_name,
                    review_hours=settings.review_hours,
                    review_timeout=settings.review_timeout,
                )
            )

    def evolve(self, fact: facts.SettingsFact) -> None:
        match fact:
            case facts.Changed():
                self.current = ShopSettings(
                    fulfillment=fact.fulfillment,
                    on_fulfillment_failure=fact.on_fulfillment_failure,
                    return_days=fact.return_days,
                    action_minutes=fact.action_minutes,
                    pix_minutes=fact.pix_minutes,
                    boleto_days=fact.boleto_days,
                    hold_stock=fact.hold_stock,
                    upsell_minutes=fact.upsell_minutes,
                    locale=fact.locale,
                    storefront_url=fact.storefront_url,
                    mail_from=fact.mail_from,
                    mail_name=fact.mail_name,
                    review_hours=fact.review_hours,
                    review_timeout=fact.review_timeout,
                )
            case _:
                assert_never(fact)


def settings_id(tenant: str) -> UUID:
    return derive_id(derive_id(TENANTS, tenant), "settings")
