"""Write ``rules/slo.yaml`` and ``rules/slo.test.yaml`` from ``slo.yaml``, and all rules as a resource of
Kubernetes, ``prometheusrule.yaml``: ``make rules``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.observability import burn_rate_tests, burn_rates, objectives
from deploy.observability.rule_files import RULES, TEST_SUFFIX, groups, rule_files

SLO_RULES, SLO_TESTS = RULES / "slo.yaml", RULES / f"slo{TEST_SUFFIX}"
MANIFEST = RULES.parent / "prometheusrule.yaml"
HEADER = "# Made by `make rules` from slo.yaml and rules/: do not edit.\n"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and everything in its place instead of by reference."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # as declared by PyYAML
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def files() -> dict[str, str]:
    """Path -> content."""
    found = objectives.read()
    slo_rules = burn_rates.groups(found)
    others = [group for path in rule_files() if path != SLO_RULES for group in groups(path)]
    return {
        str(SLO_RULES): _dump(slo_rules),
        str(SLO_TESTS): _dump(burn_rate_tests.tests(found, SLO_RULES.name)),
        str(MANIFEST): _dump(_manifest([*others, *slo_rules["groups"]])),
    }


def _manifest(all_groups: list[dict[str, Any]]) -> dict[str, Any]:
    """All rules as one resource of the Prometheus operator."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "feira"},
        "spec": {"groups": all_groups},
    }


def _dump(content: Mapping[str, Any]) -> str:
    return HEADER + yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


if __name__ == "__main__":
    for name, content in files().items():
        Path(name).write_text(content)
