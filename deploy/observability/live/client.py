"""The questions that are asked of a Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Sample:
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Alert:
    name: str
    state: str
    """pending or firing."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class PrometheusClient:
    """Raises ``httpx.HTTPError`` if Prometheus does not answer, or refuses a query."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False)

    def is_ready(self) -> bool:
        try:
            return self._http.get("/-/ready").is_success
        except httpx.TransportError:
            return False

    def query(self, expr: str) -> list[Sample]:
        """The present value of each series."""
        found = self._get("query", {"query": expr})["result"]
        return [Sample(it["metric"], float(it["value"][1])) for it in found]

    def series(self, metric: str) -> list[Mapping[str, str]]:
        """The labels of each series of a metric."""
        found: list[Mapping[str, str]] = self._get("series", {"match[]": metric})
        return found

    def alerts(self) -> list[Alert]:
        """All pending and firing alerts."""
        found = self._get("alerts", {})["alerts"]
        return [
            Alert(it["labels"]["alertname"], it["state"], it["labels"], it["annotations"]) for it in found
        ]

    def targets(self) -> Mapping[str, str]:
        """Health of each target, by its label ``pod``."""
        found = self._get("targets", {"state": "active"})["activeTargets"]
        return {it["labels"]["pod"]: it["health"] for it in found}

    def _get(self, what: str, parameters: Mapping[str, str]) -> Any:
        answer = self._http.get(f"/api/v1/{what}", params=dict(parameters))
        return answer.raise_for_status().json()["data"]
