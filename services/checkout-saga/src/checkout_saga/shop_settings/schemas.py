"""The request and the view of the settings of checkouts and orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, Self, get_args

from email_validator import validate_email
from pydantic import AfterValidator, BaseModel, Field, model_validator

from checkout_saga.shop_settings.domain import MANUAL, ShopSettings, TenantSettings
from kernel.http.descriptions import Word
from kernel.http.requests import Body, Trimmed, https_url


def _mail_address(typed: str) -> str:
    """One that every mail server takes as a sender. Raises ``ValueError``."""
    found = validate_email(typed, check_deliverability=False, test_environment=True, allow_smtputf8=False)
    return found.ascii_email or found.normalized


Mode = Literal["auto", "manual"]
ProductType = Literal[
    "bundle",
    "certification",
    "course",
    "digital_product",
    "physical_product",
    "service",
    "subscription",
    "team_license",
]
BY_HAND = {"certification", "course", "physical_product", "service"}
"""The product types that may be set to ``manual``; the others are always handed over at once."""
OnFailure = Literal["operator", "refund"]
OnTimeout = Literal["decline", "approve"]
PushMethod = Literal["pix", "boleto"]
Language = Literal["en", "pt-BR"]

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "SettingsBody": Word("All settings of checkouts and orders."),
        "SettingsView": Word("All settings of checkouts and orders."),
        "SettingsBody.fulfillment": Word(
            "By product type; manual: a line is pending until it is completed. Others are auto.",
            {"service": "manual"},
        ),
        "SettingsView.fulfillment": Word("By product type; types that are missing are auto."),
        "on_fulfillment_failure": Word(
            "operator: a line that cannot be handed over waits for one; refund: it is refunded.", "operator"
        ),
        "return_days": Word("Days after goods have left in which they may be sent back; 0: never.", 30),
        "action_minutes": Word("How long a customer has to act on a payment, or to pay in another way.", 15),
        "pix_minutes": Word("How long a pix may be paid.", 30),
        "boleto_days": Word("Days after today in Brazil, at whose end a boleto expires.", 3),
        "hold_stock": Word(
            "By method: whether stock is held while such a payment is waited for.", {"pix": True}
        ),
        "upsell_minutes": Word("How long after a purchase its upsells may be bought.", 10),
        "SettingsBody.locale": Word("The language of messages whose recipient has none of their own.", "en"),
        "SettingsView.locale": Word("The language of messages whose recipient has none of their own.", "en"),
        "storefront_url": Word(
            "Where the pages are to which links in messages lead: orders/ID and seats/TOKEN below it.",
            "https://shop.example.com",
        ),
        "mail_from": Word("The address from which mails come; null: the operator's.", "shop@example.com"),
        "mail_name": Word("The name from which mails come; null: the operator's.", "Shop"),
        "review_hours": Word("How long a payment may wait for a fraud review.", 24),
        "review_timeout": Word("How a review ends if nothing is decided in that time.", "decline"),
    }
)


class SettingsBody(Body):
    """The whole document: what is left out has its default."""

    fulfillment: dict[ProductType, Mode] = {}
    on_fulfillment_failure: OnFailure = "operator"
    return_days: Annotated[int, Field(ge=0, le=90)] = 30
    action_minutes: Annotated[int, Field(ge=1, le=60)] = 15
    pix_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    boleto_days: Annotated[int, Field(ge=1, le=7)] = 3
    hold_stock: dict[PushMethod, bool] = {}
    upsell_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    locale: Language = "en"
    storefront_url: Annotated[str, Trimmed(500), AfterValidator(https_url)] | None = None
    mail_from: Annotated[str, Trimmed(254), AfterValidator(_mail_address)] | None = None
    mail_name: Annotated[str, Trimmed(100)] | None = None
    review_hours: Annotated[int, Field(ge=1, le=72)] = 24
    review_timeout: OnTimeout = "decline"

    @model_validator(mode="after")
    def _check_by_hand(self) -> Self:
        if by_hand := {it for it, mode in self.fulfillment.items() if mode == MANUAL} - BY_HAND:
            raise ValueError(f"These are never manual: {', '.join(sorted(by_hand))}.")
        return self

    def settings(self) -> ShopSettings:
        modes = {str(it): mode for it, mode in self.fulfillment.items()}
        return ShopSettings(
            modes,
            self.on_fulfillment_failure,
            self.return_days,
            self.action_minutes,
            self.pix_minutes,
            self.boleto_days,
            {str(it): holds for it, holds in self.hold_stock.items()},
            self.upsell_minutes,
            self.locale,
            self.storefront_url,
            self.mail_from,
            self.mail_name,
            self.review_hours,
            self.review_timeout,
        )


class SettingsView(BaseModel):
    fulfillment: dict[str, Mode]
    on_fulfillment_failure: OnFailure
    return_days: int
    action_minutes: int
    pix_minutes: int
    boleto_days: int
    hold_stock: dict[PushMethod, bool]
    upsell_minutes: int
    locale: Language
    storefront_url: str | None
    mail_from: str | None
    mail_name: str | None
    review_hours: int
    review_timeout: OnTimeout
    version: int


def show_settings(settings: TenantSettings, _now: datetime) -> SettingsView:
    current = settings.current
    return SettingsView.model_validate(
        {
            "fulfillment": dict(current.fulfillment),
            "on_fulfillment_failure": current.on_fulfillment_failure,
            "return_days": current.return_days,
            "action_minutes": current.action_minutes,
            "pix_minutes": current.pix_minutes,
            "boleto_days": current.boleto_days,
            "hold_stock": {it: current.holds_stock_for(it) for it in get_args(PushMethod)},
            "upsell_minutes": current.upsell_minutes,
            "locale": current.locale,
            "storefront_url": current.storefront_url,
            "mail_from": current.mail_from,
            "mail_name": current.mail_name,
            "review_hours": current.review_hours,
            "review_timeout": current.review_timeout,
            "version": settings.version,
        }
    )
