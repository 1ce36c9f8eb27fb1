"""Every kind of message can be written in both languages, with amounts and dates as these write them."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any
from uuid import UUID

import orjson
import pytest

from checkout_saga.fulfillment.domain.license import Seat
from checkout_saga.fulfillment.seat_links import SeatLinks
from checkout_saga.notifications.domain.kinds import CustomerKind, ShopKind
from checkout_saga.notifications.use_cases.sending import Mail
from checkout_saga.notifications.use_cases.showing import SHOWN, Shown
from checkout_saga.notifications.writing import write_mail, write_post
from checkout_saga.shop_settings.domain import ShopSettings
from tests.support.scenario import NOW
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER, SALE
from tests.unit.checkout_saga.notifications.test_messages import KEY, LINKS, SENDER, part, read
from tests.unit.checkout_saga.notifications.told import ADDRESS, EXPIRES, LICENSE

SHOP = ShopSettings(storefront_url="https://shop.example/", locale="en")
SEAT = Seat(1, ADDRESS, "sealed", EXPIRES)
LINES = [{"name": "Mug <blue>", "quantity": 2, "total": 2000}]
OF_ORDER = {"number": "F-1", "lines": LINES, "totals": SALE.totals, "currency": "USD", "order_id": ORDER}
UNITS = {"lines": [{**LINES[0], "total": None}], "totals": None}
PURCHASE = {"lines": SALE.lines, "totals": SALE.totals, "currency": "USD"}
VALUES: dict[str, Any] = {
    "order_confirmation": OF_ORDER,
    "payment_pending": {**PURCHASE, "url": "", "until": EXPIRES, "method": "pix"},
    "payment_failed": PURCHASE,
    "order_shipped": {
        **OF_ORDER,
        **UNITS,
        "carrier": "Correio",
        "tracking_number": None,
        "tracking_url": "https://carrier.example/1",
    },
    "order_refunded": {**OF_ORDER, "amount": 123450},
    "order_cancelled": OF_ORDER,
    "return_approved": {**OF_ORDER, "expires_at": EXPIRES},
    "seat_invitation": {"expires_at": EXPIRES, "license_id": LICENSE},
    "reward_granted": {"amount": 123450, "currency": "USD"},
    "download_ready": {**OF_ORDER, **UNITS, "uses": 4, "expires_at": EXPIRES},
    **{
        it: {"about": ORDER, "order_id": ORDER, "code": "CODE", "detail": "<!channel>", "tries": 8}
        for it in ShopKind
    },
}


def mail(kind: str, locale: str | None = None, shop: ShopSettings = SHOP, left_out: int = 0) -> Mail:
    shown = Shown(VALUES[kind], SEAT if kind == CustomerKind.SEAT_INVITATION else None)
    who = "" if kind in set(ShopKind) else CUSTOMER
    return Mail(UUID(int=1), kind, "email", who, "sealed", locale, shop, None, NOW, shown, left_out=left_out)


def written(
    kind: str, locale: str | None = None, person: dict[str, Any] | None = None, **other: Any
) -> EmailMessage:
    recipient = {"email": "zoe@mail.example", "name": "Zoë", **(person or {})}
    it = mail(kind, locale, **other)
    return read(write_mail(it, "demo", recipient, {"code": "00020126"}, SENDER, LINKS))


def test_every_kind_has_templates_and_values() -> None:
    assert set(VALUES) == {*CustomerKind, *ShopKind}
    assert set(SHOWN) == set(CustomerKind)


@pytest.mark.parametrize("locale", ["en", "pt-BR"])
@pytest.mark.parametrize("kind", sorted(VALUES))
def test_each_kind_has_a_subject_a_text_and_html_in_each_language(kind: str, locale: str) -> None:
    it = written(kind, locale)
    assert it["Content-Language"] == locale
    assert len(it["Subject"]) > 10
    for text in (part(it, "plain"), part(it, "html")):
        assert len(text) > 40
        assert "{" not in text


@pytest.mark.parametrize(
    ("locale", "amount", "moment"),
    [("en", "$1,234.50", "March 15, 2026"), ("pt-BR", "US$\u00a01.234,50", "15 de março de 2026")],
)
def test_amounts_and_dates_are_written_as_the_language_does(locale: str, amount: str, moment: str) -> None:
    assert amount in part(written("order_refunded", locale), "plain")
    assert moment in part(written("return_approved", locale), "plain")


@pytest.mark.parametrize(
    ("of_mail", "of_person", "of_shop", "language"),
    [
        ("pt-BR", "en", "en", "pt-BR"),
        (None, "pt-PT", "en", "pt-BR"),
        (None, None, "pt-BR", "pt-BR"),
        (None, None, "en", "en"),
    ],
)
def test_the_language_is_the_customers_else_the_shops(
    of_mail: str | None, of_person: str | None, of_shop: str, language: str
) -> None:
    it = written("order_confirmation", of_mail, {"locale": of_person}, shop=ShopSettings(locale=of_shop))
    assert it["Content-Language"] == language


def test_html_is_escaped() -> None:
    assert "Mug &lt;blue&gt;" in part(written("order_confirmation"), "html")


def test_links_lead_to_the_shops_pages_and_are_left_out_without_any() -> None:
    assert f"https://shop.example/orders/{ORDER}" in part(written("order_confirmation"), "plain")
    assert "http" not in part(written("order_confirmation", shop=ShopSettings()), "plain")


def test_an_invitation_has_the_link_that_accepts_it() -> None:
    text = part(written("seat_invitation"), "plain")
    token = text.partition("https://shop.example/seats/")[2].split()[0]
    assert SeatLinks((KEY,)).read(token).license_id == LICENSE


def test_a_download_is_told_with_its_name_its_end_and_where_it_is_found() -> None:
    text = part(written("download_ready"), "plain")
    assert "- Mug <blue>" in text
    assert "March 15, 2026" in text
    assert "fetches left: 4" in text
    assert f"https://shop.example/orders/{ORDER}" in text


def test_a_push_payment_is_asked_for_with_its_code() -> None:
    assert "00020126" in part(written("payment_pending"), "plain")


def test_mails_come_from_the_shop_where_it_has_said_so() -> None:
    it = written("order_confirmation", shop=ShopSettings(mail_from="us@shop.example", mail_name="Us, é"))
    assert (it["From"].addresses[0].addr_spec, it["From"].addresses[0].display_name) == (
        "us@shop.example",
        "Us, é",
    )
    assert it["Message-ID"] == written("order_confirmation")["Message-ID"]
    assert written("order_confirmation")["From"].addresses[0].addr_spec == "loja@shop.example"


def test_the_shop_hears_how_many_were_left_out() -> None:
    assert "2 messages" in part(written("refund_stuck", left_out=2), "plain")
    assert "left out" not in part(written("refund_stuck"), "plain")


def test_a_post_to_slack_mentions_nobody() -> None:
    text = orjson.loads(write_post(mail("refund_stuck"), "demo", {"email": "https://hooks"}, LINKS))["text"]
    assert "A refund needs an operator: CODE (&lt;!channel&gt;)" in text
