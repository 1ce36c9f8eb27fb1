"""The pages of operators in a real browser: its policy lets them work, and nothing is asked of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.checkout_saga.neighbours import Neighbours
from tests.integration.checkout_saga.test_operator_actions import said
from tests.support.chromium import PROGRAM, chromium
from tests.support.single_service import RunningService

WHY = "seen in the books of the gateway"
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="NO CHROMIUM on this machine: `apt-get install chromium` makes this test run"
)


async def test_an_operator_signs_in_looks_tries_and_resolves_a_checkout(
    service: RunningService, neighbours: Neighbours, stuck: str, tmp_path: Path
) -> None:
    async with chromium(tmp_path) as tab:
        await tab.open(f"{service.url}/operator")
        assert "Sign in" in await tab.text()
        await tab.type_into("key", "demo-ops")
        await tab.click("document.querySelector('main button')")
        assert "Attention" in await tab.text()
        assert await tab.ask("document.cookie") == "", "no script can read the session"
        assert await tab.ask("getComputedStyle(document.querySelector('th')).textAlign") == "left", "styled"

        await tab.click(f"document.querySelector('a[href$=\"{stuck}\"]')")
        assert "The gateway refuses to refund." in await tab.text()
        form = "document.querySelector('input[value=resolve_done]').form"
        await tab.type_into("reason", WHY, within=form)
        await tab.click(f"{form}.querySelector('button')")
        assert "Nothing is done yet" in await tab.text()
        assert await said(neighbours, stuck, "checkout.operator_resolved") == []

        await tab.click("document.querySelector('main button')")
        assert stuck in await tab.ask("location.pathname")
        ((actor, body),) = await said(neighbours, stuck, "checkout.operator_resolved")
        assert (actor, body["reason"]) == ("ops:demo-ops", WHY)
        elsewhere = [it for it in tab.requested if not it.startswith((service.url, "data:", "about:"))]
        assert (elsewhere, tab.complaints) == ([], [])
