"""Who may open connections to whom, in full: what is not listed is refused."""

from __future__ import annotations

import pytest

from tests.deploy.network_model import reachable
from tests.deploy.overlays import OVERLAYS, build

WITHOUT_ACCESS = ("dns", "a stranger", "the internet", "the cloud's metadata", "the API server")
"""They reach nothing of Feira."""
OUTSIDE = "the API server:6443 the internet:443"
"""Policies cannot name the API server and the store of the backups."""

LOCAL = {
    "cart": "kafka:9092 postgres:5432",
    "offer": "kafka:9092 postgres:5432",
    "checkout-saga": "kafka:9092 postgres:5432 gateway:8080",
    "projections": "kafka:9092 postgres:5432",
    "projections-worker": "postgres:5432",
    "gateway": "postgres:5432",
    "cart-migrate": "postgres:5432",
    "offer-migrate": "postgres:5432",
    "checkout-saga-migrate": "postgres:5432",
    "projections-migrate": "postgres:5432",
    "gateway-migrate": "postgres:5432",
    "first-key": "postgres:5432",
    "topics": "kafka:9092",
    "verify": "cart:8080 offer:8080 checkout-saga:8080 projections:8080 postgres:5432 kafka:9092",
    "kafka": "",
    "postgres": "",
    "ingress": "cart:8080 offer:8080 checkout-saga:8080 projections:8080",
    "prometheus": "cart:9090 offer:9090 checkout-saga:9090 projections:9090 projections-worker:9090",
    "strimzi": "",
    "cloudnative-pg": "",
    "keda": "",
}
PRODUCTION = {
    "cart": "cart-db:5432 kafka-kafka:9093 traces-collector:4318",
    "offer": "offer-db:5432 kafka-kafka:9093 traces-collector:4318",
    "checkout-saga": "checkout-saga-db:5432 kafka-kafka:9093 traces-collector:4318 the internet:443",
    "projections": "projections-db:5432 kafka-kafka:9093 traces-collector:4318",
    "projections-worker": "projections-db:5432 traces-collector:4318",
    "cart-migrate": "cart-db:5432",
    "offer-migrate": "offer-db:5432",
    "checkout-saga-migrate": "checkout-saga-db:5432",
    "projections-migrate": "projections-db:5432",
    "first-key": "cart-db:5432 offer-db:5432 checkout-saga-db:5432 projections-db:5432",
    "verify": (
        "cart:8080 offer:8080 checkout-saga:8080 projections:8080 kafka-kafka:9093"
        " cart-db:5432 offer-db:5432 checkout-saga-db:5432 projections-db:5432"
    ),
    "cart-db": f"cart-db:5432 cart-db:8000 {OUTSIDE}",
    "offer-db": f"offer-db:5432 offer-db:8000 {OUTSIDE}",
    "checkout-saga-db": f"checkout-saga-db:5432 checkout-saga-db:8000 {OUTSIDE}",
    "projections-db": f"projections-db:5432 projections-db:8000 {OUTSIDE}",
    "kafka-kafka": f"kafka-kafka:9090 kafka-kafka:9091 kafka-kafka:8443 {OUTSIDE}",
    "kafka-entity-operator": f"kafka-kafka:9091 {OUTSIDE}",
    "traces-collector": "prometheus:4318",
    "ingress": "cart:8080 offer:8080 checkout-saga:8080 projections:8080",
    "prometheus": (
        "cart:9090 offer:9090 checkout-saga:9090 projections:9090 projections-worker:9090"
        " cart-db:9187 offer-db:9187 checkout-saga-db:9187 projections-db:9187"
    ),
    "strimzi": "kafka-kafka:9090 kafka-kafka:9091 kafka-kafka:8443",
    "cloudnative-pg": (
        "cart-db:8000 offer-db:8000 checkout-saga-db:8000 projections-db:8000"
        " cart-db:5432 offer-db:5432 checkout-saga-db:5432 projections-db:5432"
    ),
    "keda": "kafka-kafka:9093",
}
STAGING = PRODUCTION | {
    "checkout-saga": "checkout-saga-db:5432 kafka-kafka:9093 traces-collector:4318 gateway:8080",
    "gateway": "gateway-db:5432",
    "gateway-migrate": "gateway-db:5432",
    "gateway-db": f"gateway-db:5432 gateway-db:8000 {OUTSIDE}",
    "verify": f"{PRODUCTION['verify']} gateway-db:5432",
    "prometheus": f"{PRODUCTION['prometheus']} gateway-db:9187",
    "cloudnative-pg": f"{PRODUCTION['cloudnative-pg']} gateway-db:8000 gateway-db:5432",
}
EXPECTED = {"local": LOCAL, "staging": STAGING, "production": PRODUCTION}
DNS = "dns:53"
ELSEWHERE = ("ingress", "prometheus", "strimzi", "cloudnative-pg", "keda", *WITHOUT_ACCESS)
"""Not in the namespace of Feira, whose policies let its own pods look up names."""


def together(*targets: str) -> frozenset[str]:
    """``a:1 the b:2`` -> the two."""
    words = (
        " ".join(targets).replace("the API server", "the_API_server").replace("the internet", "the_internet")
    )
    return frozenset(it.replace("_", " ") for it in words.split())


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_pod_reaches_what_it_needs_and_nothing_else(overlay: str) -> None:
    wanted = {
        name: together(targets, "" if name in ELSEWHERE else DNS)
        for name, targets in (EXPECTED[overlay] | dict.fromkeys(WITHOUT_ACCESS, "")).items()
    }
    assert {name: frozenset(targets) for name, targets in reachable(build(overlay)).items()} == wanted
