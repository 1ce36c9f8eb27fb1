"""Have each read model compared with a fresh rebuild; the service does it, aside and while it goes on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.verify.check import Result, Row

RULE = "Each read model is what a rebuild from the beginning makes of the same facts."
REQUEST_TIMEOUT_SECONDS = 30.0
POLL_INTERVAL_SECONDS = 0.5
COMPARISON_TIMEOUT_SECONDS = 3600.0


@dataclass
class Rebuilds:
    url: str
    key: str
    models: list[dict[str, Any]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    """Those that were being rebuilt or compared for somebody else when we came."""
    result: Result = field(default_factory=lambda: Result("P2", RULE))

    def types(self) -> list[tuple[str, str]]:
        """Which facts each read model is made of, by its own account."""
        return [(it["name"], type_) for it in self.models for type_ in it.get("types", ())]

    def begin(self) -> None:
        """Ask for all comparisons at once; they go on while everything else is looked at."""
        with self._client() as client:
            try:
                self.models = _read(client.get("/v1/projections", params={"limit": 100}))["items"]
                answers = [_ask(client, it["name"]) for it in self.models]
            except (httpx.HTTPError, ValueError) as trouble:
                return self._not_made(f"projections does not answer as it should ({_told(trouble)})")
        self.busy = {
            it["name"] for it, answer in zip(self.models, answers, strict=True) if answer.status_code == 409
        }
        refused = [it for it in answers if not it.is_success and it.status_code != 409]
        if refused:
            self._not_made(f"projections refuses with {refused[0].status_code}")
        return None

    def finish(self) -> Result:
        """Wait for the comparisons, and tell what they found."""
        if self.result.unavailable is None:
            deadline = time.monotonic() + COMPARISON_TIMEOUT_SECONDS
            with self._client() as client:
                for model in self.models:
                    try:
                        self._note(model["name"], self._compared(client, model["name"], deadline))
                    except (httpx.HTTPError, ValueError, KeyError) as trouble:
                        self._not_made(f"{model['name']}: no answer ({_told(trouble)})")
        return self.result

    def _compared(self, client: httpx.Client, name: str, deadline: float) -> dict[str, Any]:
        run = _finished(client, name, deadline)
        if name in self.busy:
            # that was somebody else's, and perhaps not a comparison
            _read(_ask(client, name))
            run = _finished(client, name, deadline)
        return run

    def _note(self, name: str, run: dict[str, Any]) -> None:
        if run["state"] != "completed":
            why = run.get("error") or f"the comparison is {run['state']}"
            return self._not_made(f"{name}: {why}")
        self.result.compared += run.get("events_done") or 0
        found = run.get("differences") or 0
        sample = run.get("sample") or []
        rows: list[Row] = [
            {"what": "other than rebuilt", "read_model": name, **_flat(it)} for it in sample[:found]
        ]
        rows += [{"what": "other than rebuilt", "read_model": name}] * (found - len(rows))
        self.result.add(rows)
        return None

    def _not_made(self, why: str) -> None:
        self.result.unavailable = why

    def _client(self) -> httpx.Client:
        told = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=told, timeout=REQUEST_TIMEOUT_SECONDS, trust_env=False)


def _ask(client: httpx.Client, name: str) -> httpx.Response:
    return client.post(f"/v1/projections/{name}/verify")


def _finished(client: httpx.Client, name: str, deadline: float) -> dict[str, Any]:
    while True:
        run: dict[str, Any] = _read(client.get(f"/v1/projections/{name}"))["run"]
        if run["state"] != "running" or time.monotonic() > deadline:
            return run
        time.sleep(POLL_INTERVAL_SECONDS)


def _read(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _flat(row: Any) -> dict[str, Any]:
    return dict(row) if isinstance(row, dict) else {"row": row}


def _told(trouble: Exception) -> str:
    return str(trouble) or type(trouble).__name__
