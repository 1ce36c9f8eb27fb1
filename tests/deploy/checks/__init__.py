"""What is checked of the documents of an overlay, without a cluster.

A check is a function from the documents to complaints. Each is listed in ``ALL``, and ``planted`` has a fault
that it must find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from tests.deploy.checks import (
    alerts,
    commands,
    databases,
    disruptions,
    images,
    kafka,
    network,
    pods,
    probes,
    routes,
    scaling,
    schemas,
    secrets,
    settings,
    traffic,
)
from tests.deploy.overlays import Document

Check: TypeAlias = Callable[[list[Document]], Iterator[str]]

_MODULES = (
    schemas,
    pods,
    probes,
    traffic,
    disruptions,
    network,
    routes,
    settings,
    commands,
    secrets,
    images,
    scaling,
    kafka,
    databases,
    alerts,
)
ALL: Mapping[str, Check] = MappingProxyType(
    {
        f"{module.__name__.rpartition('.')[2]}.{check.__name__}": check
        for module in _MODULES
        for check in module.CHECKS
    }
)
"""By module and name."""
