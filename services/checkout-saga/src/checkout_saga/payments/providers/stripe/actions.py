"""What the customer has to do before a PaymentIntent goes on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from checkout_saga.payments.domain.operation import ActionNeeded, Outcome, Unknown


def action_of(intent: Mapping[str, Any]) -> Outcome:
    action = intent.get("next_action") or {}
    shown = action.get(action.get("type") or "") or {}
    match action.get("type"):
        case "redirect_to_url":
            return ActionNeeded(intent["id"], url=shown.get("url"))
        case "use_stripe_sdk":
            secret = {"client_secret": intent["client_secret"]}
            return ActionNeeded(intent["id"], kind="sdk", data=secret)
        case "pix_display_qr_code":
            data = {"code": shown.get("data") or "", "image_url": shown.get("image_url_png") or ""}
            return ActionNeeded(intent["id"], kind="pix", data=data, until=_instant(shown))
        case "boleto_display_details":
            data = {"number": shown.get("number") or "", "pdf_url": shown.get("pdf") or ""}
            return ActionNeeded(intent["id"], kind="boleto", data=data, until=_instant(shown))
        case other:
            return Unknown(f"The provider asks for an action of the unknown kind {other}.")


def _instant(shown: Mapping[str, Any]) -> datetime | None:
    return datetime.fromtimestamp(shown["expires_at"], UTC) if shown.get("expires_at") else None
