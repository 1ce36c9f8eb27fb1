"""docs/errors.md lists every code of a service's problem details, with its meaning."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kernel.http.codes import CODES

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[A-Z]{3,}(?:_[A-Z]+)+")
ROW = re.compile(r"^\| (?:\d{3} \| )?([A-Z_]+) \| (.*) \|$", re.MULTILINE)
PROVIDERS = {"paypal", "stripe", "provider"}
"""Packages of adapters and simulators that speak with a provider's own codes."""
SOURCES = [
    path
    for folder in ("services/*/src", "shared/kernel/src", "shared/simulators/src")
    for path in ROOT.glob(f"{folder}/**/*.py")
    if PROVIDERS.isdisjoint(path.parts)
]
AVAILABILITY = {
    *("OFFER_NOT_PUBLISHED", "OFFER_PAUSED", "OFFER_ARCHIVED", "PRODUCT_NOT_AVAILABLE"),
    *("ENROLLMENT_LIMIT_REACHED", "OUT_OF_STOCK"),
}
"""Why an offer cannot be bought now: a member of responses, not a refusal."""
NOT_CODES = AVAILABILITY | {
    "SECRETS_DIR",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_TRACES_SAMPLER_ARG",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "GAVE_UP",
    "NOTIFICATION_OUTCOME_UNKNOWN",  # of what needs an operator
    "FULFILLMENT_OUTCOME_UNKNOWN",  # of what needs an operator
    "RECONCILIATION_FAILED",  # of what needs an operator
    "FRAUD_REVIEW",  # likewise
}
"""Constants in capitals that are not codes of refusals."""


def constants() -> Iterator[str]:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_code_in_the_sources_is_on_the_page() -> None:
    listed = {code for code, _ in ROW.findall((ROOT / "docs/errors.md").read_text())}
    used = {it for it in constants() if CODE.fullmatch(it) and not it.startswith("FEIRA_")}
    assert used - listed - NOT_CODES == set()


def test_every_code_of_the_page_is_used_and_has_a_meaning() -> None:
    rows = ROW.findall((ROOT / "docs/errors.md").read_text())
    assert [code for code, means in rows if not means.strip()] == []
    assert {code for code, _ in rows} - set(constants()) - {
        "FORBIDDEN",
        "UNAUTHENTICATED",
        "UNAVAILABLE",
    } == set()


def test_the_interface_s_own_codes_come_with_their_status() -> None:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "Problem"
                and len(node.args) > 1
            ):
                status, code = (getattr(it, "value", None) for it in node.args[:2])
                if isinstance(status, int) and code in CODES and "simulators" not in source.parts:
                    assert CODES[str(code)].status == status, source
