"""Messages in both languages: amounts, escaping, the link, and one id for all tries."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from checkout_saga.notifications.rendering import language_of
from checkout_saga.notifications.use_cases.sending import Mail
from checkout_saga.notifications.writing import Links, write_mail
from checkout_saga.shop_settings.domain import ShopSettings
from kernel.security.link_tokens import LinkToken, read_link_token
from tests.support.scenario import NOW
from tests.unit.checkout_saga.notifications.examples import CART, CUSTOMER, EXPIRES, FIRST, MAIL, requested

KEY = bytes(range(32))
LINKS = Links("https://shop.example/v1/recover", KEY)
SENDER = "Loja <loja@shop.example>"


def message(locale: str | None = None, name: str | None = "Zoë <b>", currency: str = "EUR") -> EmailMessage:
    cart = requested(FIRST).cart
    assert cart is not None
    of_cart = cart.model_copy(update={"currency": currency})
    mail = Mail(MAIL, "cart_recovery", "email", CUSTOMER, "sealed", locale, ShopSettings(), of_cart, NOW)
    return read(write_mail(mail, "demo", {"email": "zoe@mail.example", "name": name}, {}, SENDER, LINKS))


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def part(it: EmailMessage, subtype: str) -> str:
    body = it.get_body((subtype,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize(
    ("locale", "subject", "total", "moment"),
    [
        (None, "Your cart is waiting for you", "€22.90", "March 4, 2026"),
        ("de-DE", "Your cart is waiting for you", "€22.90", "March 4, 2026"),
        ("pt-BR", "Seu carrinho está esperando por você", "€\u00a022,90", "4 de março de 2026"),
        ("pt", "Seu carrinho está esperando por você", "€\u00a022,90", "4 de março de 2026"),
    ],
)
def test_it_is_written_in_the_customers_language(
    locale: str | None, subject: str, total: str, moment: str
) -> None:
    it = message(locale)
    assert it["Subject"] == subject
    for text in (part(it, "plain"), part(it, "html")):
        assert total in text
        assert moment in text


def test_amounts_have_the_decimals_of_their_currency() -> None:
    assert "¥2,290" in part(message(currency="JPY"), "plain")
    assert "KWD2.290" in part(message(currency="KWD"), "plain")


def test_html_is_escaped_and_text_is_not() -> None:
    it = message()
    assert "Mug &lt;blue&gt;" in part(it, "html")
    assert "Zoë &lt;b&gt;" in part(it, "html")
    assert "2 × Mug <blue>" in part(it, "plain")


def test_the_link_leads_to_the_cart_until_it_expires() -> None:
    text = part(message(), "plain")
    token = text.partition("https://shop.example/v1/recover/")[2].split()[0]
    assert read_link_token([KEY], token, NOW) == LinkToken("demo", CART, 1, EXPIRES)
    assert read_link_token([KEY], token, EXPIRES) is None


def test_each_try_has_the_same_id() -> None:
    assert message()["Message-ID"] == message()["Message-ID"] == f"<{MAIL}@shop.example>"


def test_lines_are_short_enough_for_smtp_and_end_as_it_wants() -> None:
    raw = message(name="n" * 200).as_bytes()
    lines = raw.split(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 998


def test_languages_without_templates_get_english() -> None:
    assert [language_of(it) for it in (None, "en-GB", "fr", "pt-PT")] == ["en", "en", "en", "pt-BR"]
