"""The page at /docs works without the internet, and sends nothing to it."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.support.applications import application

LINKS = re.compile(r"""(?:src|href)\s*=\s*["']([^"']+)["']""")


@pytest.fixture
def browser() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application("cart"))
    return httpx.AsyncClient(transport=transport, base_url="http://it")


async def test_everything_on_the_page_comes_from_the_service(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/docs")
    parts = LINKS.findall(page.text)

    assert [it for it in parts if "//" in it] == []
    assert {it.rpartition(".")[2] for it in parts} == {"css", "js", "png"}
    for part in parts:
        found = await browser.get(f"/{part}")
        assert (found.status_code, bool(found.content)) == (200, True)
    assert "url: 'openapi.json'" in page.text


async def test_the_policy_forbids_requests_to_other_hosts(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/docs")
    rules = {
        name: sources.split()
        for name, _, sources in (
            it.strip().partition(" ") for it in page.headers["Content-Security-Policy"].split(";")
        )
    }

    assert rules["default-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'"]
    assert [it for sources in rules.values() for it in sources if "//" in it or it == "*"] == []
    assert "'unsafe-inline'" not in rules["script-src"]
    assert '"validatorUrl": null' in page.text
