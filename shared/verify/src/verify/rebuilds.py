"""Comparison of each read model with a rebuild, done by the projections service in shadow tables."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from verify.check import Result, Row

RULE = "Each read model equals a rebuild from the same facts."
REQUEST_TIMEOUT_SECONDS = 30.0
POLL_INTERVAL_SECONDS = 0.5
COMPARISON_TIMEOUT_SECONDS = 3600.0


@dataclass
class Rebuilds:
    url: str
    key: str
    models: list[dict[str, Any]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    """Read models with a run of another caller at the start."""
    result: Result = field(default_factory=lambda: Result("P2", RULE))

    def types(self) -> list[tuple[str, str]]:
        """Pairs of read model and the fact types it applies."""
        return [(it["name"], type_) for it in self.models for type_ in it.get("types", ())]

    def begin(self) -> None:
        """Start all comparisons; they run while the other sources are copied."""
        with self._client() as client:
            try:
                self.models = _read(client.get("/v1/projections", params={"limit": 100}))["items"]
                responses = [_start(client, it["name"]) for it in self.models]
            except (httpx.HTTPError, ValueError) as trouble:
                return self._set_unavailable(f"projections does not answer as expected ({_text(trouble)})")
        self.busy = {
            it["name"]
            for it, response in zip(self.models, responses, strict=True)
            if response.status_code == 409
        }
        refused = [it for it in responses if not it.is_success and it.status_code != 409]
        if refused:
            self._set_unavailable(f"projections refuses with {refused[0].status_code}")
        return None

    def finish(self) -> Result:
        """Wait for the comparisons and return their differences."""
        if self.result.unavailable is None:
            deadline = time.monotonic() + COMPARISON_TIMEOUT_SECONDS
            with self._client() as client:
                for model in self.models:
                    try:
                        self._add_run(model["name"], self._compared(client, model["name"], deadline))
                    except (httpx.HTTPError, ValueError, KeyError) as trouble:
                        self._set_unavailable(f"{model['name']}: no answer ({_text(trouble)})")
        return self.result

    def _compared(self, client: httpx.Client, name: str, deadline: float) -> dict[str, Any]:
        run = _wait_for_run(client, name, deadline)
        if name in self.busy:
            # that run was of another caller, perhaps a rebuild: start our own
            _read(_start(client, name))
            run = _wait_for_run(client, name, deadline)
        return run

    def _add_run(self, name: str, run: dict[str, Any]) -> None:
        if run["state"] != "completed":
            reason = run.get("error") or f"the comparison is {run['state']}"
            return self._set_unavailable(f"{name}: {reason}")
        self.result.compared += run.get("events_done") or 0
        found = run.get("differences") or 0
        sample = run.get("sample") or []
        rows: list[Row] = [
            {"what": "other than rebuilt", "read_model": name, **_flat(it)} for it in sample[:found]
        ]
        rows += [{"what": "other than rebuilt", "read_model": name}] * (found - len(rows))
        self.result.add(rows)
        return None

    def _set_unavailable(self, reason: str) -> None:
        self.result.unavailable = reason

    def _client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(
            base_url=self.url, headers=headers, timeout=REQUEST_TIMEOUT_SECONDS, trust_env=False
        )


def _start(client: httpx.Client, name: str) -> httpx.Response:
    return client.post(f"/v1/projections/{name}/verify")


def _wait_for_run(client: httpx.Client, name: str, deadline: float) -> dict[str, Any]:
    while True:
        run: dict[str, Any] = _read(client.get(f"/v1/projections/{name}"))["run"]
        if run["state"] != "running" or time.monotonic() > deadline:
            return run
        time.sleep(POLL_INTERVAL_SECONDS)


def _read(response: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = response.raise_for_status().json()
    return found


def _flat(row: Any) -> dict[str, Any]:
    return dict(row) if isinstance(row, dict) else {"row": row}


def _text(trouble: Exception) -> str:
    return str(trouble) or type(trouble).__name__
