"""The states of a PaymentIntent."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from simulators.provider.ledger import Document
from simulators.stripe import tokens
from simulators.stripe.books import Books, shown
from simulators.stripe.errors import Refusal, invalid, unexpected_state

HOLD_SECONDS = 7 * 24 * 3600
CANCELLABLE = {
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "requires_capture",
}


def create(books: Books, form: dict[str, Any], base: str) -> Document:
    amount = int(form.get("amount") or 0)
    if amount < 1 or not form.get("currency"):
        raise invalid("parameter_invalid_integer", param="amount")
    methods = list((form.get("payment_method_types") or {"0": "card"}).values())
    token = form.get("payment_method") or (form.get("payment_method_data") or {}).get("type")
    intent = books.create(
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        currency=form["currency"],
        status="requires_confirmation" if token else "requires_payment_method",
        capture_method=form.get("capture_method", "automatic"),
        payment_method=token,
        payment_method_types=methods,
        payment_method_options=form.get("payment_method_options") or {},
        metadata=form.get("metadata") or {},
        client_secret=f"secret_{secrets.token_hex(12)}",
        customer=form.get("customer"),
        return_url=form.get("return_url"),
        off_session=form.get("off_session") == "true",
        next_action=None,
        last_payment_error=None,
        latest_charge=None,
    )
    books.announce("payment_intent.created", intent)
    return confirm(books, intent, base) if form.get("confirm") == "true" else intent


def confirm(books: Books, intent: Document, base: str, *, on_session: bool = False) -> Document:
    """Raises ``Refusal``, with the intent in it, if the card is declined."""
    if intent["status"] not in {"requires_confirmation", "requires_payment_method"}:
        raise unexpected_state(shown(intent))
    token = intent["payment_method"]
    if token in {"pix", "boleto"}:
        return _wait_for_money(books, intent, base)
    if token == tokens.ACTION:
        if intent["off_session"] and not on_session:
            raise _declined(books, intent, "authentication_required")
        return _ask(books, intent, base)
    if token in tokens.DECLINES:
        raise _declined(books, intent, tokens.DECLINES[token])
    if not token or not token.startswith("pm_"):
        raise invalid("resource_missing", param="payment_method")
    return charged(books, intent)


def act(books: Books, intent: Document, do: str) -> Document:
    """What the customer does: approve, decline, or pay a push payment."""
    if intent["status"] != "requires_action":
        raise unexpected_state(shown(intent))
    if do == "decline":
        try:
            raise _declined(books, intent, "payment_intent_authentication_failure")
        except Refusal:
            return books.find("payment_intent", intent["id"])
    return charged(books, intent)


def charged(books: Books, intent: Document) -> Document:
    now = int(books.ledger.now().timestamp())
    manual = intent["capture_method"] == "manual"
    card = card_of(intent["payment_method"]) | ({"capture_before": now + HOLD_SECONDS} if manual else {})
    charge = books.create(
        "charge",
        amount=intent["amount"],
        amount_captured=0 if manual else intent["amount"],
        amount_refunded=0,
        currency=intent["currency"],
        captured=not manual,
        status="succeeded",
        payment_intent=intent["id"],
        payment_method_details={"type": "card", "card": card},
    )
    if manual:
        moved: dict[str, Any] = {"status": "requires_capture", "amount_capturable": intent["amount"]}
    else:
        moved = {"status": "succeeded", "amount_received": intent["amount"]}
        books.entered("charge", intent["amount"], intent["currency"], charge["id"], fee_of(intent["amount"]))
    held = books.save(intent, latest_charge=charge["id"], next_action=None, **moved)
    books.announce("payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", held)
    return held


def capture(books: Books, intent: Document, form: dict[str, Any]) -> Document:
    if intent["status"] != "requires_capture":
        raise unexpected_state(shown(intent))
    amount = int(form.get("amount_to_capture") or intent["amount_capturable"])
    if amount > intent["amount_capturable"]:
        raise invalid("amount_too_large", param="amount_to_capture")
    charge = books.find("charge", intent["latest_charge"])
    before = charge["payment_method_details"]["card"].get("capture_before", 0)
    if books.ledger.now().timestamp() > before:
        expired = books.save(intent, status="canceled", amount_capturable=0)
        books.announce("payment_intent.canceled", expired)
        raise invalid("charge_expired_for_capture")
    if intent["payment_method"] == tokens.CAPTURE_FAILS:
        raise Refusal(402, "card_error", "card_declined", decline_code="generic_decline")
    books.save(charge, captured=True, amount_captured=amount)
    books.entered("charge", amount, intent["currency"], charge["id"], fee_of(amount))
    done = books.save(intent, status="succeeded", amount_capturable=0, amount_received=amount)
    books.announce("payment_intent.succeeded", done)
    return done


def cancel(books: Books, intent: Document) -> Document:
    if intent["status"] not in CANCELLABLE:
        raise unexpected_state(shown(intent))
    ended = books.save(intent, status="canceled", amount_capturable=0, next_action=None)
    books.announce("payment_intent.canceled", ended)
    return ended


def fee_of(amount: int) -> int:
    """2.9 %, rounded down, and 30 more."""
    return amount * 29 // 1000 + 30


def card_of(token: str) -> Document:
    fingerprint = hashlib.sha256(token.encode()).hexdigest()[:16]
    return {"brand": "visa", "last4": "4242", "country": "US", "fingerprint": fingerprint}


def _declined(books: Books, intent: Document, decline_code: str) -> Refusal:
    needs = decline_code == "authentication_required"
    code = decline_code if needs else "card_declined"
    error = {"type": "card_error", "code": code, "decline_code": decline_code}
    failed = books.save(
        intent,
        status="requires_confirmation" if needs else "requires_payment_method",
        last_payment_error=error,
        next_action=None,
    )
    books.announce("payment_intent.payment_failed", failed)
    return Refusal(402, "card_error", code, decline_code=decline_code, payment_intent=shown(failed))


def _ask(books: Books, intent: Document, base: str) -> Document:
    page = {"url": f"{base}/actions/{intent['id']}", "return_url": intent["return_url"]}
    action: Document = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    if intent["return_url"]:
        action = {"type": "redirect_to_url", "redirect_to_url": page}
    asked = books.save(intent, status="requires_action", next_action=action)
    books.announce("payment_intent.requires_action", asked)
    return asked


def _wait_for_money(books: Books, intent: Document, base: str) -> Document:
    method, now = intent["payment_method"], int(books.ledger.now().timestamp())
    options = intent["payment_method_options"].get(method) or {}
    if method == "pix":
        shown_code = {
            "data": f"00020126{intent['id']}",
            "image_url_png": f"{base}/actions/{intent['id']}.png",
            "expires_at": int(options.get("expires_at") or now + 1800),
        }
        action = {"type": "pix_display_qr_code", "pix_display_qr_code": shown_code}
    else:
        days = int(options.get("expires_after_days") or 3)
        slip = {
            "number": f"23790{intent['id'][3:]}",
            "pdf": f"{base}/actions/{intent['id']}.pdf",
            "expires_at": now + days * 86400,
        }
        action = {"type": "boleto_display_details", "boleto_display_details": slip}
    asked = books.save(intent, status="requires_action", next_action=action)
    books.announce("payment_intent.requires_action", asked)
    return asked
