"""The admission policies on a real API server: the overlays pass, and what a policy forbids is refused."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deploy.api_server.build import binary
from tests.deploy.api_server.server import ApiServer, Refused, api_server
from tests.deploy.checks.schemas import CRDS
from tests.deploy.overlays import DEPLOY, Document, build, build_folder
from tests.deploy.resources import labels_of, name_of, of_kind, one, pod_of
from tests.deploy.tools import tool

POLICY_SECONDS = 20
"""Until the server enforces a policy that it has stored."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """With the namespace of production and the policies in force."""
    if not binary().exists():
        pytest.skip("the admission policies are NOT checked: make deploy-server")
    home = tmp_path_factory.mktemp("api-server")
    with api_server(binary(), tool("etcd"), tool("kubectl"), home) as running:
        running.apply([one(build("production"), "Namespace", "feira")])
        running.apply(build_folder(DEPLOY / "policy"))
        _wait_for_policies(running)
        yield running


def _wait_for_policies(server: ApiServer) -> None:
    for name in FORBIDDEN:
        deadline = time.monotonic() + POLICY_SECONDS
        while not refusal(server, forbidden(name)):
            assert time.monotonic() < deadline, f"{name} is not enforced"


def refusal(server: ApiServer, document: Document) -> str:
    """Why the server does not take it; empty if it does."""
    try:
        server.apply([document], dry_run=True)
    except Refused as refused:
        return str(refused)
    return ""


def deployment() -> Document:
    return one(build("production"), "Deployment", "cart")


def pod(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = document["spec"]["template"]["spec"]
    return found


def container(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = pod(document)["containers"][0]
    return found


FORBIDDEN: dict[str, tuple[str, Callable[[Document], object]]] = {
    "a token": ("feira-pods", lambda it: pod(it).update(automountServiceAccountToken=True)),
    "memory without a limit": ("feira-pods", lambda it: container(it)["resources"].pop("limits")),
    "a secret in the environment": (
        "feira-pods",
        lambda it: container(it)["envFrom"].append({"secretRef": {"name": "cart-db-service"}}),
    ),
    "a writable root": (
        "feira-read-only-root",
        lambda it: container(it)["securityContext"].update(readOnlyRootFilesystem=False),
    ),
    "no readiness probe": ("feira-services", lambda it: container(it).pop("readinessProbe")),
    "a startup probe on /readyz": (
        "feira-services",
        lambda it: container(it)["startupProbe"]["httpGet"].update(path="/readyz"),
    ),
    "a hasty liveness probe": (
        "feira-services",
        lambda it: container(it)["livenessProbe"].update(failureThreshold=3),
    ),
    "no pause before the stop": ("feira-services", lambda it: container(it).pop("lifecycle")),
    "seven replicas": ("feira-services", lambda it: it["spec"].update(replicas=7)),
    "a tag in production": (
        "feira-images-by-digest",
        lambda it: container(it).update(image="registry.example/feira:0.2.0"),
    ),
}
"""What is wrong -> the policy that refuses it, and the change that makes it so."""


def forbidden(name: str) -> Document:
    document = deployment()
    FORBIDDEN[name][1](document)
    return document


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_a_policy_forbids_is_refused(server: ApiServer, name: str) -> None:
    assert f"ValidatingAdmissionPolicy '{FORBIDDEN[name][0]}'" in refusal(server, forbidden(name))


@pytest.mark.parametrize("kind", ["Deployment", "Job", "CronJob"])
def test_what_production_runs_is_taken(server: ApiServer, kind: str) -> None:
    for document in build("production"):
        if document["kind"] == kind:
            assert refusal(server, document) == ""


def test_an_exception_counts_for_the_policy_it_names(server: ApiServer) -> None:
    broker = copy.deepcopy(one(build("local"), "StatefulSet", "kafka"))
    broker["spec"]["template"]["spec"]["containers"][0]["image"] = "apache/kafka@sha256:" + "0" * 64
    assert labels_of(broker)["app.kubernetes.io/part-of"] == "feira"
    assert pod_of(broker)["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is False
    assert refusal(server, broker) == ""
    broker["metadata"].pop("annotations")
    assert "feira-read-only-root" in refusal(server, broker)


def test_an_autoscaler_cannot_exceed_the_partitions(server: ApiServer) -> None:
    autoscaler: Document = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "cart", "namespace": "feira"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"},
            "maxReplicas": 6,
        },
    }
    assert refusal(server, autoscaler) == ""
    autoscaler["spec"]["maxReplicas"] = 7
    assert "feira-autoscalers" in refusal(server, autoscaler)


@pytest.fixture(scope="module")
def topics(server: ApiServer) -> list[Document]:
    """The topics of production, as the server has stored them."""
    if not CRDS.is_dir():
        pytest.skip(f"the policies about topics are NOT checked: there is no {CRDS}")
    server.run("apply", "--server-side", "-f", str(CRDS))
    server.run("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    found = of_kind(build("production"), "KafkaTopic")
    server.apply(found)
    return found


def test_a_topic_keeps_the_number_of_its_partitions(server: ApiServer, topics: list[Document]) -> None:
    topic = copy.deepcopy(topics[0])
    topic["spec"]["partitions"] = 12
    assert "feira-partitions" in refusal(server, topic)
    topic["spec"] = {**topics[0]["spec"], "replicas": 4}
    assert refusal(server, topic) == ""


def test_a_topic_is_deleted_only_once_it_says_so(server: ApiServer, topics: list[Document]) -> None:
    delete = ("delete", "--dry-run=server", "-n", "feira", f"kafkatopic/{name_of(topics[0])}")
    with pytest.raises(Refused, match="feira-deletions"):
        server.run(*delete)
    server.run("annotate", "-n", "feira", f"kafkatopic/{name_of(topics[0])}", "feira/may-be-deleted=yes")
    server.run(*delete)
