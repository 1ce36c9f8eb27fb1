"""The overlays on a real API server: it takes all of them, also over the release before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml

from tests.deploy.api_server.build import binary
from tests.deploy.api_server.server import ApiServer, Refused, api_server
from tests.deploy.checks.schemas import CRDS
from tests.deploy.overlays import OVERLAYS, Document, build
from tests.deploy.planted.fault import container, pod, spec
from tests.deploy.resources import labels_of, name_of, of_kind, one, template_of, title, workloads
from tests.deploy.tools import tool

RELEASE, RELEASE_BEFORE = "0.2.0", "0.1.0"
DEFINITION_SECONDS = 30
"""Until the server serves a kind whose definition it has stored."""
NOT_DEFINED = {
    ("barmancloud.cnpg.io", "ObjectStore"),
    ("cert-manager.io", "Certificate"),
    ("external-secrets.io", "ExternalSecret"),
    ("external-secrets.io", "SecretStore"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "HTTPRoute"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("opentelemetry.io", "OpenTelemetryCollector"),
}
"""Kinds without a definition beside the project: this server does not know them."""


@contextmanager
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    if not binary().exists():
        pytest.skip("the manifests are NOT applied to an API server: make deploy-server")
    if not CRDS.exists():
        pytest.skip(f"the manifests are NOT applied to an API server: there is no {CRDS}")
    home = tmp_path_factory.mktemp("api-server")
    with api_server(binary(), tool("etcd"), tool("kubectl"), home) as server:
        files = sorted(CRDS.glob("*.yaml"))
        definitions = [it for file in files for it in yaml.safe_load_all(file.read_text()) if it]
        server.apply(definitions)
        server.run("wait", "--for=condition=Established", "crd", "--all", f"--timeout={DEFINITION_SECONDS}s")
        yield server


@pytest.fixture(scope="module", params=OVERLAYS)
def overlay(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, overlay: str) -> Iterator[ApiServer]:
    """One for each overlay."""
    assert overlay in OVERLAYS
    with running(tmp_path_factory) as server:
        yield server


def group_of(document: Document) -> str:
    return str(document["apiVersion"]).rpartition("/")[0]


def known(documents: list[Document]) -> list[Document]:
    """In the order of an installation: what others stand in, first."""
    found = [it for it in documents if (group_of(it), it["kind"]) not in NOT_DEFINED]
    return sorted(found, key=lambda it: it["kind"] != "Namespace")


def of_release_before(documents: list[Document]) -> list[Document]:
    text = json.dumps(documents)
    older = text.replace(RELEASE, RELEASE_BEFORE).replace(
        RELEASE.replace(".", "-"), RELEASE_BEFORE.replace(".", "-")
    )
    assert older != text
    found: list[Document] = json.loads(older)
    return found


def bare_pods(documents: list[Document]) -> list[Document]:
    """A pod from each template: Pod Security is enforced on pods, and no controller makes them here."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"try-{it['kind'].lower()}-{name_of(it)}"[:63],
                "namespace": it["metadata"]["namespace"],
                "labels": template_of(it)["metadata"]["labels"],
            },
            "spec": with_claims(template_of(it)["spec"], it),
        }
        for it in workloads(documents)
    ]


def with_claims(pod_spec: dict[str, Any], workload: Document) -> dict[str, Any]:
    """With the volumes that a StatefulSet's controller would add."""
    claims = [it["metadata"]["name"] for it in workload["spec"].get("volumeClaimTemplates", [])]
    volumes = [{"name": it, "persistentVolumeClaim": {"claimName": it}} for it in claims]
    return {**pod_spec, "volumes": [*pod_spec.get("volumes", []), *volumes]}


def test_the_release_before_is_taken_and_then_this_one_and_a_second_time_nothing_changes(
    server: ApiServer, overlay: str
) -> None:
    documents = known(build(overlay))
    server.apply(of_release_before(documents))
    server.apply(documents)
    assert server.diff(documents) == ""
    jobs = json.loads(server.run("get", "jobs", "--namespace=feira", "--output=json"))["items"]
    migrations = {name_of(it) for it in jobs if "migrate" in name_of(it)}
    assert {it for it in migrations if it.endswith("0-1-0")}
    assert {it for it in migrations if it.endswith("0-2-0")}


def test_pod_security_admits_every_pod(server: ApiServer, overlay: str) -> None:
    documents = known(build(overlay))
    server.apply(of_kind(documents, "Namespace", "ServiceAccount"))
    assert (
        labels_of(one(documents, "Namespace", "feira"))["pod-security.kubernetes.io/enforce"] == "restricted"
    )
    pods = bare_pods(documents)
    assert len(pods) >= 4
    server.apply(pods, dry_run=True)


FAULTS: dict[str, Callable[[list[Document]], object]] = {
    "a misspelt probe": lambda it: container(it).update(livenessProb={}),
    "a quantity that is none": lambda it: container(it)["resources"]["limits"].update(memory="320Mib"),
    "a selector that fits no pod": lambda it: spec(it, "Deployment", "cart").update(
        selector={"matchLabels": {"app.kubernetes.io/name": "crt"}}
    ),
    "a budget with two limits": lambda it: spec(it, "PodDisruptionBudget", "cart").update(minAvailable=1),
    "a pod that may run as root": lambda it: pod(it)["securityContext"].update(runAsNonRoot=False),
    "a further capability": lambda it: container(it)["securityContext"].update(
        capabilities={"add": ["NET_ADMIN"]}
    ),
    "a migration with the name of the release before": lambda it: spec(
        it, "Job", "cart-migrate-0-2-0"
    ).update(backoffLimit=1, completions=2),
    "a topic with partition in place of partitions": lambda it: spec(it, "KafkaTopic", "cart.events").update(
        partition=6
    ),
    "an autoscaler with more replicas at least than at most": lambda it: spec(
        it, "ScaledObject", "cart"
    ).update(minReplicaCount=9),
}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with running(tmp_path_factory) as server:
        server.apply(known(build("production")))
        yield server


@pytest.mark.parametrize("fault", FAULTS)
def test_the_server_refuses_a_planted_fault(
    production: ApiServer, fault: str, record_property: Callable[[str, object], None]
) -> None:
    documents = build("production")
    FAULTS[fault](documents)
    with pytest.raises(Refused):
        production.apply([*known(documents), *bare_pods(known(documents))], dry_run=True)
    record_property("planted", (fault, "production", "API server"))


def test_only_kinds_without_a_definition_are_left_out() -> None:
    left_out = {
        (group_of(it), it["kind"])
        for overlay in OVERLAYS
        for it in build(overlay)
        if (group_of(it), it["kind"]) in NOT_DEFINED
    }
    assert left_out == NOT_DEFINED, [title(it) for it in build("production")]
