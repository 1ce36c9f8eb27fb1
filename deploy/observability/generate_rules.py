"""Write ``rules/slo.yaml`` and ``rules/slo.test.yaml`` from ``slo.yaml``: ``make rules``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.observability import burn_rate_tests, burn_rates, objectives

RULES = Path(__file__).parent / "rules"
HEADER = "# Made by `make rules` from slo.yaml: do not edit.\n"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and everything in its place instead of by reference."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # as declared by PyYAML
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def files() -> dict[str, str]:
    """File name -> content."""
    found = objectives.read()
    return {
        "slo.yaml": _dump(burn_rates.groups(found)),
        "slo.test.yaml": _dump(burn_rate_tests.tests(found, "slo.yaml")),
    }


def _dump(content: Mapping[str, Any]) -> str:
    return HEADER + yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


if __name__ == "__main__":
    for name, content in files().items():
        (RULES / name).write_text(content)
