"""Settings of checkouts that must not be, are refused."""

from __future__ import annotations

import base64

import pytest

from checkout_saga.settings import CheckoutSettings
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


def test_the_password_of_the_mail_server_is_in_no_text_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (ENOUGH | MAILS | {"FEIRA_SMTP_PASSWORD": "quite-secret"}).items():
        monkeypatch.setenv(name, value)
    assert "quite-secret" not in repr(read(CheckoutSettings))
