"""Look things up in the documents of an overlay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.deploy.overlays import Document

WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"


def of_kind(documents: Iterable[Document], *kinds: str) -> list[Document]:
    return [it for it in documents if it["kind"] in kinds]


def one(documents: Iterable[Document], kind: str, name: str) -> Document:
    """Raises ``LookupError`` if there is none, or several."""
    found = [it for it in of_kind(documents, kind) if name_of(it) == name]
    if len(found) != 1:
        raise LookupError(f"{len(found)} of {kind}/{name}")
    return found[0]


def name_of(document: Document) -> str:
    return str(document["metadata"]["name"])


def title(document: Document) -> str:
    return f"{document['kind']}/{name_of(document)}"


def labels_of(document: Document) -> dict[str, str]:
    return dict(document["metadata"].get("labels", {}))


def workloads(documents: Iterable[Document]) -> list[Document]:
    """Whatever makes pods, except for the resources of operators."""
    return of_kind(documents, *WORKLOADS)


def services(documents: Iterable[Document]) -> list[Document]:
    """The Deployments of Feira's services, the simulated gateway's included."""
    return [it for it in of_kind(documents, "Deployment") if labels_of(it).get(COMPONENT) == "service"]


def template_of(workload: Document) -> Document:
    spec = workload["spec"]
    if workload["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return dict(spec["template"])


def pod_of(workload: Document) -> dict[str, Any]:
    return dict(template_of(workload)["spec"])


def pod_labels(workload: Document) -> dict[str, str]:
    return dict(template_of(workload)["metadata"].get("labels", {}))


def containers(workload: Document) -> list[dict[str, Any]]:
    pod = pod_of(workload)
    return [*pod["containers"], *pod.get("initContainers", [])]


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector fits; an empty one fits everything."""
    selector = selector or {}
    exact = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return exact and all(_fits(it, labels) for it in selector.get("matchExpressions", []))


def _fits(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values", [])
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case unknown:
            raise ValueError(f"Kubernetes has no operator {unknown}")


def strings(value: object) -> Iterator[str]:
    """All strings in a document."""
    match value:
        case str():
            yield value
        case Mapping():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)
