"""A Chromium without a window, driven by its own protocol: what a person sees and clicks, and what it asked
for. Tests with it are skipped, loudly, where no Chromium is found: Debian's package is ``chromium``."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LISTENING = re.compile(rb"DevTools listening on (ws://\S+)")
SECONDS = 30.0


class Tab:
    """One page at a time. ``requested`` and ``complaints``: of all pages so far."""

    def __init__(self, wire: ClientConnection, session: str) -> None:
        self._wire, self._session = wire, session
        self._ids = count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.requested: list[str] = []
        self.complaints: list[str] = []

    async def listen(self) -> None:
        async for raw in self._wire:
            told = json.loads(raw)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            match told.get("method"):
                case "Page.loadEventFired":
                    self._loaded.set()
                case "Network.requestWillBeSent":
                    self.requested.append(told["params"]["request"]["url"])
                case "Log.entryAdded":
                    self.complaints.append(told["params"]["entry"]["text"])
                case "Runtime.exceptionThrown":
                    self.complaints.append(str(told["params"]))

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        asked = {"id": number, "method": method, "params": parameters, "sessionId": self._session}
        await self._wire.send(json.dumps(asked))
        async with asyncio.timeout(SECONDS):
            told = await answer
        assert "error" not in told, told["error"]
        return dict(told["result"])

    async def open(self, url: str) -> None:
        self._loaded.clear()
        await self.call("Page.navigate", url=url)
        await self._until_loaded()

    async def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression on the page."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def text(self) -> str:
        return str(await self.ask("document.body.innerText"))

    async def type_into(self, name: str, text: str, within: str = "document") -> None:
        await self.ask(f"{within}.querySelector('input[name={name}]').focus()")
        await self.call("Input.insertText", text=text)

    async def click(self, element: str) -> None:
        """Click what leads to another page."""
        self._loaded.clear()
        await self.ask(f"{element}.click()")
        await self._until_loaded()

    async def _until_loaded(self) -> None:
        async with asyncio.timeout(SECONDS):
            await self._loaded.wait()


@asynccontextmanager
async def chromium(home: Path) -> AsyncIterator[Tab]:
    assert PROGRAM is not None
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={home}"),
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with connect(await _address(process), max_size=None) as wire:
            target = await _first(wire, "Target.createTarget", {"url": "about:blank"})
            attach = {"targetId": target["targetId"], "flatten": True}
            session = (await _first(wire, "Target.attachToTarget", attach))["sessionId"]
            tab = Tab(wire, session)
            listening = asyncio.create_task(tab.listen())
            for domain in ("Page", "Network", "Runtime", "Log"):
                await tab.call(f"{domain}.enable")
            try:
                yield tab
            finally:
                listening.cancel()
    finally:
        process.kill()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(SECONDS):
        async for line in process.stderr:
            if found := LISTENING.search(line):
                return found[1].decode()
    raise AssertionError("Chromium ended before it listened")


async def _first(wire: ClientConnection, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A call before there is a page."""
    await wire.send(json.dumps({"id": 0, "method": method, "params": parameters}))
    async with asyncio.timeout(SECONDS):
        async for raw in wire:
            if (told := json.loads(raw)).get("id") == 0:
                return dict(told["result"])
    raise AssertionError("Chromium closed the connection")
