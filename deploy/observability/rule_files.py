"""The rules as written, apart from how Prometheus or Kubernetes takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent / "rules"
TEST_SUFFIX = ".test.yaml"


@dataclass(frozen=True)
class Rule:
    """A recording rule or an alert."""

    name: str
    is_alert: bool
    expr: str
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


def rule_files() -> list[Path]:
    return sorted(it for it in RULES.glob("*.yaml") if not it.name.endswith(TEST_SUFFIX))


def groups(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text())["groups"]
    return found


def rules() -> Iterator[Rule]:
    """All rules of all files."""
    for path in rule_files():
        for group in groups(path):
            for it in group["rules"]:
                name = it.get("alert") or it["record"]
                labels, annotations = it.get("labels", {}), it.get("annotations", {})
                yield Rule(name, "alert" in it, it["expr"], labels, annotations)


def alert_names() -> frozenset[str]:
    return frozenset(it.name for it in rules() if it.is_alert)
