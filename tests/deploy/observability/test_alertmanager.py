"""Alertmanager sends each alert to the right receiver, and holds back what another alert explains.

``amtool`` evaluates routes, and only checks the syntax of inhibitions: they are evaluated here, by the
documented rule.
"""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml

from deploy.observability.rule_files import RULES, alert_names
from tests.deploy.tools import tool

CONFIG = RULES.parent / "alertmanager.yaml"
TIMEOUT_SECONDS = 30


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tool("amtool"), *arguments], capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
    )


def routed(receiver: str, *labels: str) -> bool:
    verify = f"--verify.receivers={receiver}"
    return amtool("config", "routes", "test", f"--config.file={CONFIG}", verify, *labels).returncode == 0


def test_the_configuration_is_valid() -> None:
    ended = amtool("check-config", str(CONFIG))
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("severity", "receiver", "other"),
    [("page", "pager", "tickets"), ("ticket", "tickets", "pager"), ("info", "log", "tickets")],
)
def test_an_alert_goes_to_the_receiver_of_its_severity_alone(
    severity: str, receiver: str, other: str
) -> None:
    labels = "alertname=FeiraParked", f"severity={severity}"
    assert routed(receiver, *labels)
    assert not routed(other, *labels)


PAGE = {"severity": "page"}
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


def matches(matchers: list[str], labels: dict[str, str]) -> bool:
    """As Alertmanager matches: regular expressions are anchored, and a missing label is empty."""
    for matcher in matchers:
        name, operator, value = MATCHER.fullmatch(matcher).groups()  # type: ignore[union-attr]  # checked by amtool
        actual = labels.get(name, "")
        is_equal = bool(re.fullmatch(value, actual)) if "~" in operator else actual == value
        if is_equal == operator.startswith("!"):
            return False
    return True


def inhibits(source: dict[str, str], target: dict[str, str]) -> bool:
    return any(
        matches(rule["source_matchers"], source)
        and matches(rule["target_matchers"], target)
        and all(source.get(it, "") == target.get(it, "") for it in rule.get("equal", ()))
        for rule in yaml.safe_load(CONFIG.read_text())["inhibit_rules"]
    )


@pytest.mark.parametrize(
    ("cause", "consequence", "is_held_back"),
    [
        ({"alertname": "FeiraKafkaDown"}, {"alertname": "FeiraConsumerLag", "service": "offer"}, True),
        ({"alertname": "FeiraKafkaDown"}, {"alertname": "FeiraDatabaseDown", "service": "offer"}, False),
        (
            {"alertname": "FeiraDatabaseDown", "service": "cart"},
            {"alertname": "FeiraErrorRate", "service": "cart"},
            True,
        ),
        (
            {"alertname": "FeiraDatabaseDown", "service": "cart"},
            {"alertname": "FeiraErrorRate", "service": "offer"},
            False,
        ),
        (
            {"alertname": "FeiraTopicsAheadOfLog", "service": "cart"},
            {"alertname": "FeiraOutboxStuck", "service": "cart"},
            True,
        ),
        (
            {
                "alertname": "FeiraAvailabilityBurnRate",
                "service": "cart",
                "slo": "availability",
                "severity": "page",
            },
            {
                "alertname": "FeiraAvailabilityBurnRate",
                "service": "cart",
                "slo": "availability",
                "severity": "ticket",
            },
            True,
        ),
    ],
)
def test_what_another_alert_explains_is_held_back(
    cause: dict[str, str], consequence: dict[str, str], is_held_back: bool
) -> None:
    assert inhibits(PAGE | cause, PAGE | consequence) is is_held_back
    assert not inhibits(PAGE | consequence, PAGE | cause)


def test_inhibitions_name_alerts_that_exist() -> None:
    rules = yaml.safe_load(CONFIG.read_text())["inhibit_rules"]
    matchers = [it for rule in rules for it in (*rule["source_matchers"], *rule["target_matchers"])]
    named = {name for it in matchers for name in re.findall(r"Feira\w+", it)}
    assert named
    assert named <= alert_names()
