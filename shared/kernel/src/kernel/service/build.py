"""Which program this is: for logs, metrics and traces."""

from __future__ import annotations

import os
from importlib.metadata import version as version_of
from typing import NamedTuple

from kernel.observability.metrics.runtime import BUILD_INFO

COMMIT = "FEIRA_COMMIT"
"""Set where the image is built. Not a setting: it belongs to the program, and not to its environment."""


class Build(NamedTuple):
    service: str
    version: str
    """All distributions of Feira are released together."""
    commit: str

    def fields(self, instance: str) -> dict[str, str]:
        """The fields of every log line of a process of this name."""
        return {"service": self.service, "version": self.version, "process": instance}


def build_of(module: str) -> Build:
    """``module``: one in the service's package, which names the service."""
    service = module.rpartition(".")[0].rpartition(".")[2].replace("_", "-")
    return Build(service, version_of("kernel"), os.environ.get(COMMIT, "unknown"))


def show(build: Build) -> None:
    """As a metric."""
    BUILD_INFO.labels(build.version, build.commit).set(1)
