"""Fields and their types, by the schemas of Kubernetes and of the operators."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import jsonschema
import kubernetes_validate
import yaml

from tests.deploy.overlays import DEPLOY, Document
from tests.deploy.resources import title

KUBERNETES = "1.37"
CRDS = DEPLOY.parents[1] / "shared" / "data" / "deploy" / "crds"
"""Custom resource definitions of the operators: data beside the project, not in it."""


def core(documents: list[Document]) -> Iterator[str]:
    """The kinds of Kubernetes itself, strictly: no unknown field."""
    for it in documents:
        try:
            kubernetes_validate.validate(it, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as invalid:
            yield f"{title(it)}: {invalid}"
        except kubernetes_validate.SchemaNotFoundError:
            if _is_core(it["apiVersion"]):
                yield f"{title(it)}: Kubernetes {KUBERNETES} has no {it['apiVersion']}"


def _is_core(version: str) -> bool:
    group, slash, _ = version.rpartition("/")
    return not slash or "." not in group


def custom(documents: list[Document]) -> Iterator[str]:
    """Resources of operators, as far as their definitions are there: ``custom_schemas``."""
    schemas = custom_schemas()
    for it in documents:
        schema = schemas.get((it["apiVersion"], it["kind"]))
        if schema:
            for invalid in jsonschema.Draft7Validator(schema).iter_errors(it):
                yield f"{title(it)}: {'/'.join(map(str, invalid.path))}: {invalid.message[:200]}"


@functools.cache
def custom_schemas() -> dict[tuple[str, str], dict[str, Any]]:
    """API version and kind -> schema, which refuses unknown fields. Empty without the folder ``CRDS``."""
    found = {}
    for file in sorted(CRDS.glob("*.yaml")):
        for crd in yaml.load_all(file.read_text(), yaml.CSafeLoader):
            for version in (crd or {}).get("spec", {}).get("versions", []):
                schema = version["schema"]["openAPIV3Schema"]
                schema["properties"]["metadata"] = {"type": "object"}
                _forbid_unknown(schema)
                key = f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]
                found[key] = schema
    return found


def _forbid_unknown(schema: Any) -> None:
    if isinstance(schema, list):
        for it in schema:
            _forbid_unknown(it)
    if not isinstance(schema, dict):
        return
    is_closed = schema.get("type") == "object" and "properties" in schema
    if is_closed and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema.setdefault("additionalProperties", False)
    for it in schema.values():
        _forbid_unknown(it)


CHECKS = (core, custom)
