"""The pages to which ``action_url`` leads: customers act there by a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.integration.simulators.conftest import Merchant
from tests.integration.simulators.test_ways_to_pay import asked_to_pay, state
from tests.support.chromium import PROGRAM, chromium
from tests.support.operator_page import text_of


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """It has no key."""
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        yield browser


BACK = 'https://shop.example/back?order=1&note="<b>'


async def to_be_confirmed(merchant: Merchant, token: str = "tok_action", **other: str) -> str:  # no password
    answer = (await merchant.authorize(token, **other)).json()
    assert answer["status"] == "requires_action"
    return str(answer["action_url"])


async def test_a_customer_confirms_a_card_payment(merchant: Merchant, browser: httpx.AsyncClient) -> None:
    url = await to_be_confirmed(merchant)
    page = await browser.get(url)
    assert page.status_code == 200
    assert "Payment of $19.99" in text_of(page.text) and "Confirm" in page.text
    assert "script-src" not in page.text and "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (
        (await browser.get(page.url.join("/actions/actions.css")))
        .headers["Content-Type"]
        .startswith("text/css")
    )
    done = await browser.post(url, data={"do": "approve"})
    assert (done.status_code, done.request.method) == (200, "GET")
    assert "The payment is confirmed." in text_of(done.text) and "<form" not in done.text
    assert (await state(merchant)).json()["status"] == "authorized"
    assert "confirmed" in (await browser.post(url, data={"do": "decline"})).text, "it is too late to refuse"
    assert (await merchant.confirm()).json()["status"] == "authorized"
    assert (await merchant.capture()).json()["status"] == "captured"


def links_of(page: str) -> list[str]:
    """Where the links of a page lead."""
    return [unescape(it) for it in re.findall(r'<a href="([^"]*)"', page)]


async def test_the_page_leads_back_to_the_shop_before_and_after_the_customer_acts(
    merchant: Merchant, browser: httpx.AsyncClient
) -> None:
    url = await to_be_confirmed(merchant, return_url=BACK)
    page = (await browser.get(url)).text
    assert (links_of(page), "Back to the shop" in text_of(page)) == ([BACK], True)
    assert links_of((await browser.post(url, data={"do": "approve"})).text) == [BACK]


async def test_without_an_address_of_the_shop_the_page_has_no_link(
    merchant: Merchant, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get(await to_be_confirmed(merchant))).text
    assert (links_of(page), "Back to the shop" in page) == ([], False)


@pytest.mark.parametrize(
    "address", ["http://shop.example/back", "javascript:alert(1)", "https:///back", "shop.example", ""]
)
async def test_a_page_leads_back_by_https_alone(merchant: Merchant, address: str) -> None:
    refused = await merchant.authorize("tok_action", return_url=address)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    assert (await state(merchant)).status_code == 404


async def test_a_customer_refuses_a_card_payment(merchant: Merchant, browser: httpx.AsyncClient) -> None:
    url = await to_be_confirmed(merchant)
    assert "refused" in (await browser.post(url, data={"do": "decline"})).text
    assert (await state(merchant)).json()["status"] == "declined"


async def test_a_bank_refuses_what_a_customer_confirms(
    merchant: Merchant, browser: httpx.AsyncClient
) -> None:
    url = await to_be_confirmed(merchant, "tok_action_declined")
    assert "refused" in (await browser.post(url, data={"do": "approve"})).text
    assert (await state(merchant)).json()["status"] == "declined"


@pytest.mark.parametrize(("method", "name"), [("pix", "code"), ("boleto", "number")])
async def test_a_customer_pays_at_a_bank(
    method: str, name: str, merchant: Merchant, browser: httpx.AsyncClient
) -> None:
    asked = await asked_to_pay(merchant, method)
    page = text_of((await browser.get(asked["action_url"])).text)
    assert asked["action_data"][name] in page and "until 2026-03-01 12:30 UTC" in page
    assert "The payment is made." in (await browser.post(asked["action_url"], data={"do": "pay"})).text
    found = (await state(merchant)).json()
    assert (found["status"], found["amount"]) == ("captured", 1999)


async def test_a_link_leads_to_one_payment_of_one_merchant(
    merchant: Merchant, browser: httpx.AsyncClient
) -> None:
    url = httpx.URL(await to_be_confirmed(merchant))
    for wrong in (
        url.copy_set_param("proof", "0" * 64),
        url.copy_set_param("merchant", "rival"),
        url.copy_with(path=f"/actions/{uuid4()}"),
    ):
        for answer in (await browser.get(wrong), await browser.post(wrong, data={"do": "approve"})):
            assert (answer.status_code, answer.json()["code"]) == (404, "PAYMENT_NOT_FOUND")
    for fields in ({"do": "capture"}, {"other": "approve"}):
        assert (await browser.post(url, data=fields)).status_code == 422
    assert (await browser.get(url.copy_remove_param("proof"))).status_code == 422
    assert (await state(merchant)).json()["status"] == "requires_action"


@pytest.mark.skipif(
    PROGRAM is None, reason="NO CHROMIUM on this machine: `apt-get install chromium` makes it run"
)
async def test_a_customer_confirms_in_a_real_browser(merchant: Merchant, tmp_path: Path) -> None:
    url = await to_be_confirmed(merchant, return_url=BACK)
    async with chromium(tmp_path) as tab:
        await tab.open(url)
        assert "Your bank asks" in await tab.text()
        await tab.click("document.querySelector('button[value=approve]')")
        assert "The payment is confirmed." in await tab.text()
        assert await tab.ask("document.links[0].getAttribute('href')") == BACK
        assert await tab.ask("document.links[0].host") == "shop.example"
        assert tab.complaints == []
    assert (await state(merchant)).json()["status"] == "authorized"
