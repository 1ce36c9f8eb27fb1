"""The rules are valid, each alert fires and stays quiet in a unit test, and generated files are not stale."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from contracts.topology import SERVICE_NAMES
from deploy.observability import generate_rules
from deploy.observability.rule_files import RULES, TEST_SUFFIX, Rule, alert_names, rule_files, rules
from tests.deploy.tools import tool

SEVERITIES = {"page", "ticket", "info"}
TESTS = sorted(RULES.glob(f"*{TEST_SUFFIX}"))
ALERTS = [it for it in rules() if it.is_alert]
ALERT_IN_TEST = re.compile(r'alertname="(\w+)"')
PROMTOOL_TIMEOUT_SECONDS = 120


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [tool("promtool"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=PROMTOOL_TIMEOUT_SECONDS,
    )


@pytest.mark.parametrize("path", rule_files(), ids=lambda path: path.name)
def test_promtool_accepts_a_rule_file(path: Path) -> None:
    ended = promtool("check", "rules", "--lint=all", "--lint-fatal", str(path))
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_the_unit_tests_of_a_rule_file_pass(path: Path) -> None:
    ended = promtool("test", "rules", str(path))
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_each_alert_fires_in_one_unit_test_and_stays_quiet_in_another() -> None:
    fires, is_quiet = Counter[str](), Counter[str]()
    for path in TESTS:
        for case in yaml.safe_load(path.read_text())["tests"]:
            fired = {alert for alert, expected in _expectations(case) if expected}
            fires.update(fired)
            is_quiet.update({alert for alert, _ in _expectations(case)} - fired)
            # what ends by itself is quiet in the same story
            is_quiet.update({alert for alert, expected in _expectations(case)[-1:] if not expected} & fired)
    assert set(fires) == alert_names()
    assert set(is_quiet) == alert_names()


def _expectations(case: dict[str, list[dict[str, str]]]) -> list[tuple[str, bool]]:
    """Alert, and whether it is expected to fire, in the order of the story."""
    checks = case["promql_expr_test"]
    return [(ALERT_IN_TEST.findall(it["expr"])[0], bool(it.get("exp_samples"))) for it in checks]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda it: f"{it.name} {it.labels['severity']}")
def test_an_alert_says_how_urgent_it_is_and_what_to_do(rule: Rule) -> None:
    assert rule.labels["severity"] in SEVERITIES
    assert rule.annotations["summary"].endswith(".")
    assert rule.annotations["description"].endswith(".")
    assert rule.annotations["runbook_url"] == f"runbooks/{rule.name}.md"


def test_the_absence_of_each_service_is_noticed() -> None:
    absent = next(it for it in ALERTS if it.name == "FeiraAbsent")
    assert set(re.findall(r'service="([\w-]+)"', absent.expr)) == set(SERVICE_NAMES)


def test_the_generated_rules_are_those_of_the_objectives() -> None:
    stale = [name for name, content in generate_rules.files().items() if Path(name).read_text() != content]
    assert stale == [], "make rules"
