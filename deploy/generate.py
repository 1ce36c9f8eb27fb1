"""Write the manifests that follow from the topology: ``make manifests``.

Topics, users and routes are stated once, in ``contracts``. What Kubernetes needs of them is made from there,
and a test compares the files. ``--check`` writes nothing, and exits with 1 if a file differs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from contracts.kafka_access import KAFKA_USERS, Acl
from contracts.public_paths import PUBLIC_PATHS, PUBLISHED, operator_path
from contracts.topic_configuration import COPIES, configuration_of
from contracts.topology import CHECKOUT, SERVICE_NAMES, TOPICS

HERE = Path(__file__).parent
COMPONENTS = HERE / "components"
HEAD = "# Made by `make manifests`: do not edit.\n"
CLUSTER = {"strimzi.io/cluster": "kafka"}
KEPT = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}
"""Deleting the resource would delete the topic."""
STREAM_TIMEOUT = "3600s"
TRACE_HEADERS = ("traceparent", "tracestate")
"""As long as a service lets a stream of events last: ``FEIRA_ANSWER_SECONDS``."""
TIMEOUT = "60s"
"""Longer than a service holds a request that waits for something."""

Document: TypeAlias = dict[str, Any]


def topics() -> Iterator[Document]:
    for topic in TOPICS:
        yield {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaTopic",
            "metadata": {"name": topic.name, "labels": CLUSTER, "annotations": KEPT},
            "spec": {
                "partitions": topic.partitions,
                "replicas": COPIES,
                "config": {name: _plain(it) for name, it in configuration_of(topic, COPIES).items()},
            },
        }


def _plain(value: str) -> int | str:
    """A number as YAML has it."""
    return int(value) if value.lstrip("-").isdecimal() else value


def users() -> Iterator[Document]:
    for user in KAFKA_USERS:
        yield {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaUser",
            "metadata": {"name": user.name, "labels": CLUSTER},
            "spec": {
                "authentication": {"type": "scram-sha-512"},
                "authorization": {"type": "simple", "acls": [_acl(it) for it in user.acls]},
            },
        }


def _acl(acl: Acl) -> Document:
    return {
        "resource": {"type": acl.resource, "name": acl.name, "patternType": "literal"},
        "operations": list(acl.operations),
    }


def routes() -> Iterator[Document]:
    """The route of the public paths, and that by which operators reach each service."""
    yield _route("feira", [_public(service) for service in SERVICE_NAMES])
    yield _route("feira-operators", [_operators(service) for service in SERVICE_NAMES])


def _route(name: str, rules: list[Document]) -> Document:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name},
        "spec": {"parentRefs": [{"name": "feira", "sectionName": "https"}], "rules": rules},
    }


def _public(service: str) -> Document:
    return {
        "matches": [_below(path) for path in PUBLIC_PATHS[service]],
        # strangers do not choose which traces are recorded
        "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": [*TRACE_HEADERS]}}],
        "backendRefs": [{"name": service, "port": 80}],
        "timeouts": {"request": STREAM_TIMEOUT if service == CHECKOUT.name else TIMEOUT},
    }


def _operators(service: str) -> Document:
    rewrite = {"type": "ReplacePrefixMatch", "replacePrefixMatch": PUBLISHED}
    return {
        "matches": [_below(operator_path(service) + PUBLISHED)],
        "filters": [{"type": "URLRewrite", "urlRewrite": {"path": rewrite}}],
        "backendRefs": [{"name": service, "port": 80}],
        "timeouts": {"request": STREAM_TIMEOUT if service == CHECKOUT.name else TIMEOUT},
    }


def _below(path: str) -> Document:
    return {"path": {"type": "PathPrefix", "value": path}}


FILES: dict[Path, Callable[[], Iterator[Document]]] = {
    COMPONENTS / "kafka-strimzi" / "topics.yaml": topics,
    COMPONENTS / "kafka-strimzi" / "users.yaml": users,
    COMPONENTS / "ingress-gateway" / "routes.yaml": routes,
}


class _Plain(yaml.SafeDumper):
    """Repeats what occurs twice, instead of an anchor."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the base class has it
        return True


def text_of(documents: Iterator[Document]) -> str:
    return HEAD + yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, width=118)


def main(arguments: list[str]) -> int:
    wanted = {path: text_of(make()) for path, make in FILES.items()}
    differing = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in differing:
            print(f"{path.relative_to(HERE.parent)} differs: make manifests", file=sys.stderr)
        return 1 if differing else 0
    for path in differing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
