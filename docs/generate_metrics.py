"""Write docs/metrics.md from the declarations of all metrics."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from contracts.topology import CART, CHECKOUT, MODELS_WORKER, OFFER, PROJECTIONS, SERVICES
from kernel.observability.metrics.declaring import DECLARED, Declared, Part

TARGET = Path(__file__).parent / "metrics.md"
HEAD = """# Metrics

Made by `make messages` from the declarations in `kernel/observability/metrics`: do not edit.

Each process serves its metrics at `GET /metrics`. The scrape adds the labels `service` and `pod`: no metric
has them itself. The name ends with the unit. The values of labels are few and known: no tenant, no id,
no text from outside. A gauge that is read from the database has the same value in every replica: use
`max by (service)`, never `sum`.

| Metric | Kind | Labels | Meaning | Services |
|---|---|---|---|---|
"""
ALL = "all"
SERVICES_OF: Mapping[Part, str] = {
    Part.PROCESS: ALL,
    Part.LOG: ", ".join(it.name for it in (CART, OFFER, CHECKOUT)),
    Part.CONSUMER: ", ".join(it.name for it in SERVICES),
    Part.TIMERS: ", ".join(it.name for it in (CART, OFFER, CHECKOUT)),
    Part.CALLS: CHECKOUT.name,
    Part.SAGAS: CHECKOUT.name,
    Part.READ_MODELS: PROJECTIONS.name,
    Part.VERIFY: PROJECTIONS.name,
    Part.MODELS: MODELS_WORKER.name,
}


def rows() -> Iterator[str]:
    """First those of the kernel, then each service's own."""
    _import_all("kernel")
    shared = set(DECLARED)
    yield from (_row(it, SERVICES_OF[it.part]) for it in _sorted(shared))
    for service in SERVICES:
        known = set(DECLARED)
        _import_all(service.module)
        yield from (_row(it, service.name) for it in _sorted(set(DECLARED) - known))


def _import_all(package: str) -> None:
    for module in walk_packages(import_module(package).__path__, f"{package}."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def _sorted(names: set[str]) -> Sequence[Declared]:
    return [DECLARED[it] for it in sorted(names)]


def _row(it: Declared, services: str) -> str:
    labels = ", ".join(f"`{label}`" for label in it.labels)
    return f"| `{it.name}` | {it.kind} | {labels} | {it.help} | {services} |\n"


def page() -> str:
    return HEAD + "".join(rows())


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(TARGET.read_text() != page())
    TARGET.write_text(page())
