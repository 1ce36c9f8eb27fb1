"""What a planted fault is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from tests.deploy.overlays import Document
from tests.deploy.resources import containers, name_of, one

Change: TypeAlias = Callable[[list[Document]], None]


class Fault(NamedTuple):
    overlay: str
    caught_by: str
    """Name of a check."""
    change: Change
    """Plants the fault in the documents."""

    @property
    def name(self) -> str:
        return self.change.__name__.replace("_", " ")


class Faults(list[Fault]):
    def planted(self, caught_by: str, overlay: str = "production") -> Callable[[Change], Change]:
        """Decorator: lists a change as a fault of the overlay."""

        def listed(change: Change) -> Change:
            self.append(Fault(overlay, caught_by, change))
            return change

        return listed


def container(documents: list[Document], name: str = "cart") -> dict[str, Any]:
    """Of a Deployment, to be changed."""
    return containers(one(documents, "Deployment", name))[0]


def pod(documents: list[Document], name: str = "cart") -> dict[str, Any]:
    """The specification of a Deployment's pods, to be changed."""
    found: dict[str, Any] = one(documents, "Deployment", name)["spec"]["template"]["spec"]
    return found


def spec(documents: list[Document], kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = one(documents, kind, name)["spec"]
    return found


def remove(documents: list[Document], kind: str, name: str) -> None:
    documents.remove(one(documents, kind, name))


def settings(documents: list[Document], name: str) -> dict[str, str]:
    """The values of the ConfigMap, whose name ends with a hash."""
    (found,) = [
        it for it in documents if it["kind"] == "ConfigMap" and name_of(it).startswith(f"{name}-settings")
    ]
    values: dict[str, str] = found["data"]
    return values
