"""The settings that pods get, held against the classes that read them."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from unittest import mock

import certifi
from pydantic_settings import BaseSettings

from cli import named_in_environment
from contracts.topology import STACK, STACK_NAMES, WORKERS
from kernel.observability import tracing
from kernel.service.environment import PREFIX, SECRETS_DIR, InvalidSettings, load
from kernel.service.kafka_settings import KafkaSettings
from kernel.service.settings import MigrationSettings
from tests.deploy.environments import SECRETS, environment, settings_files
from tests.deploy.overlays import Document
from tests.deploy.resources import COMPONENT, containers, name_of, pod_labels, title, workloads

TRACES = frozenset({tracing.ENDPOINT, tracing.RATIO})
CLASSES = {it.name: it.settings for it in (*STACK, *WORKERS)}
OF_WORKERS = {it.name for it in WORKERS}
"""They share the settings of their service and of all, Kafka's among them, and have no way to Kafka."""
A_KEY = base64.b64encode(bytes(32)).decode()
"""Of the right form wherever a secret of some form is wanted."""
MOUNTED = ("/run/kafka-ca/", "/run/postgres-ca/")


def known(documents: list[Document]) -> Iterator[str]:
    """Each variable and each file of secrets is a setting of the program that gets it."""
    for workload in workloads(documents):
        names = _names(workload)
        if names is None:
            continue
        given = {*environment(documents, workload), *settings_files(workload)}
        for name in sorted(given - names - {SECRETS_DIR} - TRACES):
            yield f"{title(workload)} gets {name}, which is no setting of it"


def complete(documents: list[Document]) -> Iterator[str]:
    """With what a pod gets, its program starts: nothing compulsory is missing, and nothing is refused."""
    for workload in workloads(documents):
        kind = settings_class(workload)
        if kind is None:
            continue
        variables, files = environment(documents, workload), settings_files(workload)
        if files and variables.get(SECRETS_DIR) != SECRETS:
            yield f"{title(workload)} does not look for its secrets in {SECRETS}"
        with tempfile.TemporaryDirectory() as folder:
            if problem := _refusal(kind, variables, files, Path(folder)):
                yield f"{title(workload)}: {problem}"


def _refusal(
    kind: type[BaseSettings], variables: Mapping[str, str], files: Mapping[str, object], folder: Path
) -> str:
    for name in files:
        (folder / name.lower()).write_text(A_KEY)
    # what is mounted in the pod: any certificate will do
    given = {name: _with_certificate(value) for name, value in variables.items()}
    with mock.patch.dict(os.environ, {**given, SECRETS_DIR: str(folder)}, clear=True):
        try:
            load(kind)
        except InvalidSettings as invalid:
            return str(invalid)
    return ""


def _with_certificate(value: str) -> str:
    for folder in MOUNTED:
        before, found, after = value.partition(folder)
        if found:
            return before + certifi.where() + after.partition("&")[1] + after.partition("&")[2]
    return value


def settings_class(workload: Document) -> type[BaseSettings] | None:
    """What the program of a service or of a migration reads; None for other programs."""
    match pod_labels(workload).get(COMPONENT):
        case "service":
            module, _, name = CLASSES[name_of(workload)].partition(":")
            found: type[BaseSettings] = getattr(import_module(module), name)
            return found
        case "migration":
            return MigrationSettings
        case _:
            return None


def _names(workload: Document) -> set[str] | None:
    """The variables that the program knows; None for a program that is not ours."""
    if kind := settings_class(workload):
        shared = _of_class(KafkaSettings) if name_of(workload) in OF_WORKERS else set()
        return _of_class(kind) | shared
    if containers(workload)[0].get("command", [""])[0] != "feira":
        return None
    by_service = (
        named_in_environment.url_variable,
        named_in_environment.database_variable,
        named_in_environment.password_variable,
    )
    named = {of(service) for service in STACK_NAMES for of in by_service}
    return named | {named_in_environment.KEY} | _of_class(KafkaSettings)


def _of_class(kind: type[BaseSettings]) -> set[str]:
    return {f"{PREFIX}{name.upper()}" for name in kind.model_fields}


CHECKS = (known, complete)
