"""The dashboard in a real browser: accessible in both colour schemes, by keyboard and on paper, and nothing
is asked of others."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest

from projections.questions.registry import QUESTIONS
from tests.support.chromium import PROGRAM, Tab, chromium
from tests.support.single_service import RunningService
from tests.support.waiting import until

AXE = "axe.run(document, {resultTypes: ['violations']})"
FOUND = "violations.map(it => it.id + ': ' + it.nodes.map(node => node.html + node.failureSummary).join())"
RANGE = "from=2013-05-01&to=2013-05-20"
PAGES = (
    *("/", "/saved-questions", "/reports", "/freshness", "/dictionary", "/conversion?from=wrong"),
    *(f"/{it.name}?{RANGE}" if it.ranged else f"/{it.name}" for it in QUESTIONS if not it.in_path),
)
pytestmark = [
    pytest.mark.usefixtures("figures"),
    pytest.mark.skipif(
        PROGRAM is None, reason="NO CHROMIUM on this machine: `apt-get install chromium` makes this test run"
    ),
]


@pytest.fixture
async def tab(tmp_path: Path, service: RunningService) -> AsyncIterator[Tab]:
    """Signed in."""
    async with chromium(tmp_path) as tab:
        await tab.open(f"{service.url}/")
        await tab.type_into("key", "demo-analyst")
        await tab.click("document.querySelector('main button')")
        yield tab


async def violations(tab: Tab) -> list[str]:
    """What axe-core finds. The page's policy does not concern what the browser's own protocol runs."""
    await tab.ask((files("axe_core_python") / "axe.min.js").read_text() + "; 0")
    await tab.ask("document.querySelectorAll('details').forEach(it => it.open = true)")
    asked = {"expression": f"{AXE}.then(it => it.{FOUND})", "awaitPromise": True, "returnByValue": True}
    found = await tab.call("Runtime.evaluate", **asked)
    return list(found["result"]["value"])


async def prefer(tab: Tab, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    await tab.call("Emulation.setEmulatedMedia", features=features)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_barrier_or_asks_others_for_anything(
    scheme: str, tab: Tab, service: RunningService
) -> None:
    await prefer(tab, scheme)
    await tab.open(f"{service.url}/")
    dark = await tab.ask("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")
    for path in PAGES:
        await tab.open(f"{service.url}{path}")
        assert await violations(tab) == [], path
    elsewhere = [it for it in tab.requested if not it.startswith((service.url, "data:", "about:"))]
    complaints = [it for it in tab.complaints if "422" not in it]  # of the page about a wrong date
    assert (elsewhere, complaints) == ([], [])
    assert await tab.ask("document.cookie") == "", "no script can read the session"


async def test_the_sign_in_has_no_barrier(tmp_path: Path, service: RunningService) -> None:
    async with chromium(tmp_path) as tab:
        await tab.open(f"{service.url}/")
        assert await violations(tab) == []


async def test_the_keyboard_reaches_everything_in_the_order_of_the_page(
    tab: Tab, service: RunningService
) -> None:
    await tab.open(f"{service.url}/conversion?{RANGE}")
    reached = [await after_tab(tab) for _ in range(150)]
    assert reached[0] == "a Skip to the content"
    names = [
        "a Overview",
        "a Conversion",
        "button Sign out",
        "input from",
        "select compare",
        "button Show",
        "a Skip the charts",
        "a EUR 2013-05-01: 50 %",
        "a CSV",
    ]
    places = [reached.index(it) for it in names]
    assert places == sorted(places)
    assert any(it.startswith("summary") for it in reached)


async def test_a_mark_of_a_chart_is_opened_by_the_keyboard_and_charts_can_be_skipped(
    tab: Tab, service: RunningService
) -> None:
    await tab.open(f"{service.url}/conversion?{RANGE}&currency=EUR")
    await tab.ask("document.querySelector('.here').focus()")
    await press(tab, "Enter", 13)
    assert await tab.ask("document.activeElement.id") == "behind-charts"
    await tab.ask("document.querySelector('.chart a').focus()")
    await press(tab, "Enter", 13)
    await until(partial(is_on, tab, "from=2013-05-01&to=2013-05-01&currency=EUR"))


async def is_on(tab: Tab, query: str) -> bool:
    return str(await tab.ask("location.search")) == f"?{query}"


async def press(tab: Tab, key: str, code: int) -> None:
    for kind in ("rawKeyDown", "char", "keyUp"):
        more = {"windowsVirtualKeyCode": code, **({"text": "\r"} if kind == "char" else {})}
        await tab.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, **more)


FOCUSED = "(it => it.tagName.toLowerCase() + ' ' + (it.name || it.textContent.trim()))"


async def after_tab(tab: Tab) -> str:
    """What has the focus after the key Tab: it is always visible."""
    for kind in ("rawKeyDown", "keyUp"):
        await tab.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    outline = await tab.ask("getComputedStyle(document.activeElement).outlineStyle")
    found = str(await tab.ask(f"{FOCUSED}(document.activeElement)"))
    assert outline == "solid" or found.startswith(("body", "html")), found
    return found


async def test_a_form_asks_for_a_comparison_and_a_page_prints(tab: Tab, service: RunningService) -> None:
    await tab.open(f"{service.url}/conversion?from=2013-05-11&to=2013-05-20")
    await tab.ask("document.querySelector('select[name=compare]').value = 'previous'")
    await tab.click("document.querySelector('form.asked button')")
    assert "compared with 2013-05-01 to 2013-05-10" in await tab.text()
    printed = await tab.call("Page.printToPDF", printBackground=True)
    pdf = await asyncio.to_thread(b64decode, printed["data"])
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") <= 3
