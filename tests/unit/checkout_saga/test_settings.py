"""Settings of checkouts that must not be, are refused."""

from __future__ import annotations

import base64

import pytest

from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.settings import NEWEST, STARTED_SINCE, CheckoutSettings
from kernel.service.environment import read

ENOUGH = {
    "FEIRA_PORT": "8003",
    "FEIRA_DATABASE_URL": "postgresql://checkout:hush@db:5432/feira_checkout?sslmode=verify-full",
    "FEIRA_KAFKA_BOOTSTRAP": "kafka:9093",
    "FEIRA_KAFKA_SECURITY": "ssl",
    "FEIRA_GATEWAY_SECRET": "s" * 16,
    "FEIRA_MASTER_KEY": base64.b64encode(b"k" * 32).decode(),
    "FEIRA_LINK_KEY": base64.b64encode(b"l" * 32).decode(),
}


@pytest.mark.parametrize("url", ["http://pay.example", "http://127.0.0.1:8005"])
def test_production_requires_https_for_the_gateway(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in (ENOUGH | {"FEIRA_GATEWAY_URL": url}).items():
        monkeypatch.setenv(name, value)
    assert read(CheckoutSettings).gateway_url == url

    monkeypatch.setenv("FEIRA_ENV", "production")
    with pytest.raises(SystemExit, match="FEIRA_GATEWAY_URL must be https"):
        read(CheckoutSettings)


def test_production_requires_a_link_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (ENOUGH | {"FEIRA_GATEWAY_URL": "https://pay.example"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("FEIRA_LINK_KEY")
    assert read(CheckoutSettings).link_keys

    monkeypatch.setenv("FEIRA_ENV", "production")
    with pytest.raises(SystemExit, match="FEIRA_LINK_KEY must be set in production"):
        read(CheckoutSettings)


MAILS = {
    "FEIRA_GATEWAY_URL": "https://pay.example",
    "FEIRA_SMTP_HOST": "smtp.example",
    "FEIRA_SMTP_FROM": "Shop <shop@shop.example>",
    "FEIRA_RECOVERY_URL": "https://shop.example/v1/recover",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"FEIRA_SMTP_FROM": "Shop"}, "FEIRA_SMTP_FROM must be an address"),
        ({"FEIRA_RECOVERY_URL": ""}, "FEIRA_RECOVERY_URL must be an address of the web"),
        (
            {"FEIRA_ENV": "production", "FEIRA_SMTP_TLS": "none", "FEIRA_SMTP_PASSWORD": "hush"},
            "FEIRA_SMTP_TLS must not be none in production with a password",
        ),
    ],
)
def test_mails_need_a_sender_a_page_and_an_encrypted_login(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str
) -> None:
    for name, value in (ENOUGH | MAILS).items():
        monkeypatch.setenv(name, value)
    assert read(CheckoutSettings).smtp_tls == "starttls"
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=said):
        read(CheckoutSettings)


ASSETS = {"FEIRA_GATEWAY_URL": "https://pay.example", "FEIRA_ASSET_URL": "http://assets.example"}
KEYS = {"FEIRA_ASSET_ACCESS_KEY": "key", "FEIRA_ASSET_SECRET_KEY": "secret"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"FEIRA_ASSET_SECRET_KEY": ""}, "FEIRA_ASSET_SECRET_KEY must be set"),
        ({"FEIRA_ENV": "production"}, "FEIRA_ASSET_URL must be https"),
    ],
)
def test_an_asset_store_needs_keys_and_in_production_https(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str
) -> None:
    for name, value in (ENOUGH | ASSETS | KEYS).items():
        monkeypatch.setenv(name, value)
    assert read(CheckoutSettings).asset_url == "http://assets.example"
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=said):
        read(CheckoutSettings)


def test_the_password_of_the_mail_server_is_in_no_text_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (ENOUGH | MAILS | {"FEIRA_SMTP_PASSWORD": "quite-secret"}).items():
        monkeypatch.setenv(name, value)
    assert "quite-secret" not in repr(read(CheckoutSettings))


def test_the_rate_of_checkouts_is_off_unless_it_is_set_and_five_a_minute_in_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (ENOUGH | {"FEIRA_GATEWAY_URL": "https://pay.example"}).items():
        monkeypatch.setenv(name, value)
    assert read(CheckoutSettings).start_rate is None
    monkeypatch.setenv("FEIRA_ENV", "production")
    assert read(CheckoutSettings).start_rate == (5, 60)
    monkeypatch.setenv("FEIRA_CHECKOUT_RATE", "off")
    assert read(CheckoutSettings).start_rate is None
    monkeypatch.setenv("FEIRA_CHECKOUT_RATE", "5 a minute")
    with pytest.raises(SystemExit, match="FEIRA_CHECKOUT_RATE"):
        read(CheckoutSettings)


@pytest.mark.parametrize("version", ["2", "3"])
def test_checkouts_may_be_started_with_the_version_before_the_newest(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    for name, value in (ENOUGH | {"FEIRA_GATEWAY_URL": "https://pay.example"}).items():
        monkeypatch.setenv(name, value)
    assert read(CheckoutSettings).checkout_definition == CHECKOUTS.workflow.current
    monkeypatch.setenv("FEIRA_CHECKOUT_DEFINITION", version)
    assert read(CheckoutSettings).checkout_definition == int(version)


@pytest.mark.parametrize("version", ["1", "4", "newest", "2.5"])
def test_no_other_version_may_be_set(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    for name, value in (ENOUGH | {"FEIRA_GATEWAY_URL": "https://pay.example"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FEIRA_CHECKOUT_DEFINITION", version)
    with pytest.raises(SystemExit, match="FEIRA_CHECKOUT_DEFINITION"):
        read(CheckoutSettings)


def test_the_newest_version_that_may_be_set_is_that_of_the_workflow() -> None:
    assert CHECKOUTS.workflow.current == NEWEST
    assert set(range(STARTED_SINCE, NEWEST + 1)) <= CHECKOUTS.workflow.versions.keys()
