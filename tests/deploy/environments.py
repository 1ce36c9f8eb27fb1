"""The settings that a pod of an overlay gets: its environment, and the files of its secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tests.deploy.overlays import Document
from tests.deploy.resources import containers, of_kind, one, pod_of

SECRETS = "/run/secrets/feira"


class SecretKey(NamedTuple):
    """A key of a Secret; an empty key stands for the Secret as a whole."""

    secret: str
    key: str


def environment(documents: list[Document], workload: Document) -> dict[str, str]:
    """Of its only container. A value that comes from a field of the pod is its path. Raises ``LookupError``
    for a ConfigMap that is not there."""
    container = containers(workload)[0]
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        if "configMapRef" in source:
            found |= one(documents, "ConfigMap", source["configMapRef"]["name"]).get("data", {})
    for variable in container.get("env", []):
        found[variable["name"]] = str(variable.get("value", variable.get("valueFrom")))
    return found


def secret_files(workload: Document, *, compulsory: bool = False) -> dict[str, SecretKey]:
    """Path -> what is in the file, of all volumes that are mounted and hold secrets. ``compulsory``: only
    those without which the pod does not start."""
    volumes = {it["name"]: it for it in pod_of(workload).get("volumes", [])}
    found = {}
    for container in containers(workload):
        for mount in container.get("volumeMounts", []):
            for path, key in _files(volumes.get(mount["name"], {}), compulsory=compulsory):
                found[f"{mount['mountPath']}/{path}"] = key
    return found


def _files(volume: dict[str, Any], *, compulsory: bool) -> Iterator[tuple[str, SecretKey]]:
    sources = [it["secret"] for it in volume.get("projected", {}).get("sources", []) if "secret" in it]
    if "secret" in volume:
        sources.append({**volume["secret"], "name": volume["secret"]["secretName"]})
    for source in sources:
        if compulsory and source.get("optional"):
            continue
        for item in source.get("items", []):
            yield item["path"], SecretKey(source["name"], item["key"])
        if "items" not in source:
            yield "*", SecretKey(source["name"], "")


def settings_files(workload: Document) -> dict[str, SecretKey]:
    """Variable -> what is in its file in ``FEIRA_SECRETS_DIR``."""
    return {
        path.removeprefix(f"{SECRETS}/").upper(): key
        for path, key in secret_files(workload).items()
        if path.startswith(f"{SECRETS}/")
    }


def secrets_made(documents: Iterable[Document]) -> set[SecretKey]:
    """The keys of all Secrets that the documents contain, or that operators make from them."""
    documents = list(documents)
    return {key for it in documents for key in _made_by(it, documents)}


def _made_by(document: Document, documents: list[Document]) -> Iterator[SecretKey]:
    name, spec = document["metadata"]["name"], document.get("spec", {})
    match document["kind"]:
        case "Secret":
            keys = [*document.get("data", {}), *document.get("stringData", {})]
            yield from (SecretKey(name, key) for key in keys)
        case "ExternalSecret":
            target = spec["target"]
            keys = [it["secretKey"] for it in spec["data"]]
            yield from (SecretKey(target["name"], it) for it in target.get("template", {}).get("data", keys))
        case "Kafka":
            yield SecretKey(f"{name}-cluster-ca-cert", "ca.crt")
        case "KafkaUser":
            yield SecretKey(f"{_prefix(documents)}{name}", "password")
        case "Cluster":
            yield SecretKey(f"{name}-ca", "ca.crt")
            yield from (SecretKey(f"{name}-app", key) for key in ("username", "password"))
        case "Certificate":
            yield SecretKey(spec["secretName"], "")


def _prefix(documents: list[Document]) -> str:
    """What Strimzi puts before the name of a user to name its Secret."""
    for kafka in of_kind(documents, "Kafka"):
        return str(kafka["spec"]["entityOperator"]["userOperator"].get("secretPrefix", ""))
    return ""
