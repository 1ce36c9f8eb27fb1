"""Each import contract of `pyproject.toml` is about modules that exist; one about none would always hold."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.layers import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
MODULES = {
    ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")
    for source in (*ROOT.glob("services/*/src"), *ROOT.glob("shared/*/src"))
    for path in source.rglob("*.py")
}
OURS = {it.partition(".")[0] for it in MODULES}


def named(contract: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """What a contract names of our modules, and whether a module has that name or fits that pattern."""
    for field in ("source_modules", "forbidden_modules", "modules", "containers"):
        for name in contract.get(field, ()):
            if name.partition(".")[0] in OURS | {"*"}:
                yield name, any(fits(name, it) for it in MODULES)
    for name in re.findall(r"\w+", " ".join(contract.get("layers", ()))):
        within = contract.get("containers")
        yield name, any(f"{it}.{name}" in MODULES for it in within) if within else name in MODULES


def fits(pattern: str, module: str) -> bool:
    """As import-linter reads it: ``*`` is one part of a name."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", r"[^.]+"), module) is not None


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda it: it["name"])
def test_every_module_pattern_and_layer_of_a_contract_exists(contract: dict[str, Any]) -> None:
    found = dict(named(contract))
    assert found
    assert [name for name, exists in found.items() if not exists] == []


def test_a_pattern_that_fits_no_module_would_be_found() -> None:
    contract = {
        "source_modules": ["*.*.domain", "*.application"],
        "containers": ["cart"],
        "layers": ["(adapters)"],
    }
    missing = [name for name, exists in named(contract) if not exists]
    assert missing == ["*.application", "adapters"]
