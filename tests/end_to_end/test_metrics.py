"""The metrics of a stack on which people buy: all that are listed, with few series, and with right values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.topology import SERVICE_NAMES
from kernel.observability.metrics.declaring import LABELS
from projections.models.registry import REGISTRY
from tests.end_to_end.shop_client import Shop

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"\| `(feira_\w+)` \| \w+ \| .* \| ([^|]+) \|$", re.MULTILINE)
OF_LIBRARIES = {"le", "generation", "implementation", "major", "minor", "patchlevel"}
MAX_SERIES = 2500
"""Of one process: routes, groups, partitions and steps are few, and their number does not grow with use."""
PURCHASES = 3


class Sample(NamedTuple):
    name: str
    labels: Mapping[str, str]
    value: float


def samples(shop: Shop, service: str) -> list[Sample]:
    text = shop.call("GET", service, "/metrics").text
    return [
        Sample(it.name, it.labels, it.value)
        for family in text_string_to_metric_families(text)
        for it in family.samples
    ]


def value(shop: Shop, service: str, name: str, **labels: str) -> float:
    """The sum of the samples with these labels."""
    found = (it for it in samples(shop, service) if it.name == name)
    return sum(it.value for it in found if labels.items() <= it.labels.items())


def listed(service: str) -> set[str]:
    return {
        name
        for name, where in ROW.findall(PAGE.read_text())
        if service in where.split(", ") or where == "all"
    }


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_a_service_exports_the_metrics_that_the_page_lists_for_it(shop: Shop, service: str) -> None:
    text = shop.call("GET", service, "/metrics").text
    declared = set(re.findall(r"^# TYPE (feira_\w+) ", text, re.MULTILINE))
    unused = {"feira_verify_violations", "feira_verify_last_success_timestamp_seconds"}
    assert declared | unused == listed(service) | unused


def test_purchases_appear_in_the_metrics_of_sagas_and_of_all_services(shop: Shop) -> None:
    def counts() -> dict[str, float]:
        of = "checkout-saga"
        return {
            "started": value(shop, of, "feira_sagas_started_total", saga="checkout"),
            "completed": value(shop, of, "feira_sagas_finished_total", outcome="completed", reason="none"),
            "declined": value(shop, of, "feira_sagas_finished_total", reason="PAYMENT_DECLINED"),
            "ended": value(shop, of, "feira_saga_duration_seconds_count"),
            "captured": value(shop, of, "feira_saga_step_duration_seconds_count", step="capture_payment"),
            "unlocked": value(shop, of, "feira_compensations_total", step="lock_cart"),
            "calls": value(shop, of, "feira_calls_total", kind="authorize", outcome="done"),
            "declines": value(shop, of, "feira_calls_total", kind="authorize", outcome="declined"),
        }

    before = counts()
    product = shop.product(100)
    for token in ("tok_ok",) * PURCHASES + ("tok_declined",):
        shop.buy(shop.cart((product, 1)), token)
    grown = {
        "started": PURCHASES + 1,
        "completed": PURCHASES,
        "declined": 1,
        "ended": PURCHASES + 1,
        "captured": PURCHASES,
        "unlocked": 1,
        "calls": PURCHASES,
        "declines": 1,
    }
    wanted = {name: before[name] + more for name, more in grown.items()}
    assert shop.until(counts, lambda it: it == wanted) == wanted


def test_a_service_at_rest_has_no_backlog(shop: Shop) -> None:
    shop.buy(shop.cart((shop.product(100), 1)))

    names = "feira_outbox_unpublished_messages", "feira_consumer_lag_messages", "feira_timers_overdue"

    for service in SERVICE_NAMES:

        def backlog(service: str = service) -> dict[str, float]:
            return {
                it: value(shop, service, it) for it in (*names, "feira_calls_pending", "feira_loop_stale")
            }

        found = shop.until(backlog, lambda it: not any(it.values()))
        assert not any(found.values()), service
        assert value(shop, service, "feira_gauges_age_seconds") < 10
        assert value(shop, service, "feira_build_info") == 1
    leaders = [value(shop, it, "feira_relay_leader") for it in SERVICE_NAMES]
    assert leaders == [0 if it == "projections" else 1 for it in SERVICE_NAMES]


def test_a_rebuild_is_counted_and_the_versions_of_read_models_are_shown(shop: Shop) -> None:
    def versions() -> dict[str, float]:
        names = (it.name for it in REGISTRY.models)
        return {it: value(shop, "projections", "feira_read_model_version", model=it) for it in names}

    wanted = {it.name: float(it.version) for it in REGISTRY.models}
    assert shop.until(versions, lambda it: it == wanted) == wanted

    def completed() -> dict[str, float]:
        labels = {"model": "conversion", "outcome": "completed"}
        return {"runs": value(shop, "projections", "feira_rebuild_runs_total", **labels)}

    before = completed()["runs"]
    shop.post("projections", "/v1/projections/conversion/rebuild", "ops")
    assert shop.until(completed, lambda it: it["runs"] > before) == {"runs": before + 1}


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_labels_are_few_and_name_no_tenant_no_person_and_no_id(shop: Shop, service: str) -> None:
    found = samples(shop, service)
    assert len(found) < MAX_SERIES
    assert {label for it in found for label in it.labels} <= LABELS | OF_LIBRARIES
    # the digest of a commit is one value of a process, and may have any digits
    values = {value for it in found for label, value in it.labels.items() if label != "commit"}
    assert not [it for it in values if re.search(r"[0-9a-f]{8}-|@|\d{6}", it)]
    assert not values & {"demo", "rival"}
    assert not [it for it in found if it.name.endswith("_created")]
