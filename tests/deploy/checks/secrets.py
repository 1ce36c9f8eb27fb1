"""Where secrets come from, and how processes get them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.deploy.environments import SecretKey, environment, secret_files, secrets_made, settings_files
from tests.deploy.overlays import Document
from tests.deploy.resources import containers, name_of, of_kind, title, workloads

SECRET_WORDS = ("password", "secret", "master_key", "link_key")


def in_files(documents: list[Document]) -> Iterator[str]:
    """No secret is in an environment, a command line or a ConfigMap."""
    for workload in workloads(documents):
        for container in containers(workload):
            if any("secretRef" in it for it in container.get("envFrom", [])):
                yield f"{title(workload)} has a Secret in its environment"
            for variable in container.get("env", []):
                if "secretKeyRef" in variable.get("valueFrom", {}):
                    yield f"{title(workload)} has {variable['name']} from a Secret in its environment"
    for settings in of_kind(documents, "ConfigMap"):
        for name, value in settings.get("data", {}).items():
            holds = any(it in name.lower() for it in SECRET_WORDS) and not name.endswith("_DIR")
            if name.startswith("FEIRA_") and (holds or _has_password(value)):
                yield f"{title(settings)} holds the secret {name}"


def _has_password(url: str) -> bool:
    _, scheme, rest = url.partition("://")
    return bool(scheme) and ":" in rest.partition("@")[0] and "@" in rest


def made(documents: list[Document]) -> Iterator[str]:
    """Each Secret that something refers to is made by something, with that key."""
    there = secrets_made(documents)
    names = {it.secret for it in there}
    for user, wanted in _wanted(documents):
        if wanted not in there and (wanted.key or wanted.secret not in names):
            yield f"{user} wants {wanted.secret}/{wanted.key or '*'}, a Secret that nothing makes"


def _wanted(documents: list[Document]) -> Iterator[tuple[str, SecretKey]]:
    for document in documents:
        spec = document.get("spec", {})
        match document["kind"]:
            case "Deployment" | "StatefulSet" | "Job" | "CronJob":
                found = list(secret_files(document, compulsory=True).values())
            case "Cluster":
                roles = spec.get("managed", {}).get("roles", [])
                found = [
                    SecretKey(it["passwordSecret"]["name"], "password")
                    for it in roles
                    if "passwordSecret" in it
                ]
            case "ObjectStore":
                keys = spec["configuration"]["s3Credentials"].values()
                found = [SecretKey(it["name"], it["key"]) for it in keys]
            case "TriggerAuthentication":
                found = [SecretKey(it["name"], it["key"]) for it in spec.get("secretTargetRef", [])]
            case "Gateway":
                references = [it for one in spec["listeners"] for it in one["tls"]["certificateRefs"]]
                found = [SecretKey(it["name"], "") for it in references]
            case _:
                continue
        yield from ((title(document), it) for it in found)


def of_their_users(documents: list[Document]) -> Iterator[str]:
    """A password is that of the role in the URL beside it."""
    users = _users(documents)
    for workload in workloads(documents):
        variables, files = environment(documents, workload), settings_files(workload)
        for name, value in variables.items():
            file = files.get(f"{name.removesuffix('_URL')}_PASSWORD")
            user = urlsplit(value).username if name.endswith("_URL") else None
            if file and users.get(file.secret) != user:
                yield f"{title(workload)}: {name} is of {user}, its password of {users.get(file.secret)}"


def _users(documents: list[Document]) -> dict[str, str]:
    """Secret -> the role of PostgreSQL that it is for."""
    found = {}
    for it in documents:
        match it["kind"]:
            case "Secret" if "username" in it.get("data", {}):
                found[name_of(it)] = base64.b64decode(it["data"]["username"]).decode()
            case "ExternalSecret" if "template" in it["spec"]["target"]:
                found[it["spec"]["target"]["name"]] = it["spec"]["target"]["template"]["data"]["username"]
            case "Cluster":
                made = it["spec"]["bootstrap"]
                found[f"{name_of(it)}-app"] = (made.get("initdb") or made["recovery"])["owner"]
    return found


def certificates(documents: list[Document]) -> Iterator[str]:
    """The certificates that settings name are mounted where they say."""
    for workload in workloads(documents):
        files = secret_files(workload)
        for name, value in environment(documents, workload).items():
            wanted = value.partition("sslrootcert=")[2].partition("&")[0]
            if name == "FEIRA_KAFKA_CA_FILE":
                wanted = value
            if wanted and wanted not in files:
                yield f"{title(workload)}: {name} names {wanted}, which is not mounted"


CHECKS = (in_files, made, of_their_users, certificates)
