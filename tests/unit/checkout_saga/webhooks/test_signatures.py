"""Which messages count as signed by Stripe, and by the rules of Standard Webhooks."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from checkout_saga.webhooks.signatures import standard, stripe

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b'{"id": "evt_1", "amount":  1}'
OLD, NEW = "whsec_old", "whsec_new"


def stripe_header(body: bytes = BODY, secret: str = NEW, at: datetime = NOW) -> str:
    time = int(at.timestamp())
    return f"t={time},v1={hmac.new(secret.encode(), b'%d.' % time + body, sha256).hexdigest()},v0=old"


def test_stripe_s_signature_fits_with_any_of_two_secrets() -> None:
    assert stripe.fits(stripe_header(), BODY, (OLD, NEW), NOW)
    assert stripe.fits(stripe_header(secret=OLD), BODY, (OLD, NEW), NOW)
    assert not stripe.fits(stripe_header(secret="whsec_other"), BODY, (OLD, NEW), NOW)
    assert not stripe.fits(stripe_header(), BODY, (), NOW)


def test_the_raw_bytes_are_signed_and_not_what_they_mean() -> None:
    assert not stripe.fits(stripe_header(), b'{"id": "evt_1", "amount": 1}', (NEW,), NOW)


@pytest.mark.parametrize(("seconds", "fits"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_stripe_s_time_counts_in_both_directions(seconds: int, fits: bool) -> None:
    header = stripe_header(at=NOW + timedelta(seconds=seconds))
    assert stripe.fits(header, BODY, (NEW,), NOW) is fits


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=",
        "v1=ab",
        "t=1,t=2,v1=ab",
        "t=now,v1=ab",
        "t=\u0661,v1=ab",
        "nothing at all",
        "t=1,v1=é",
    ],
)
def test_what_is_no_header_of_stripe_fits_nothing(header: str) -> None:
    assert not stripe.fits(header, BODY, (NEW,), NOW)


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SENT = datetime.fromtimestamp(1614265330, UTC)
MESSAGE = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,x",
}
"""The example of the specification's own libraries."""


def test_the_example_of_standard_webhooks_fits() -> None:
    assert standard.fits(HEADERS, MESSAGE, (SECRET,), SENT)
    assert standard.fits(HEADERS, MESSAGE, ("whsec_b2xk", SECRET), SENT)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-signature": ""},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    ],
    ids=["another message", "no message", "another time", "no signature", "another scheme"],
)
def test_a_message_with_anything_changed_does_not_fit(changed: dict[str, str]) -> None:
    assert not standard.fits(HEADERS | changed, MESSAGE, (SECRET,), SENT)


@pytest.mark.parametrize(("seconds", "fits"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_the_time_of_a_standard_webhook_counts_in_both_directions(seconds: int, fits: bool) -> None:
    assert standard.fits(HEADERS, MESSAGE, (SECRET,), SENT - timedelta(seconds=seconds)) is fits
