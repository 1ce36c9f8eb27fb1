"""Which images run, and that all of one release belong together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.deploy.overlays import Document
from tests.deploy.resources import containers, labels_of, name_of, of_kind, pod_labels, title, workloads

DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
TAG = re.compile(r".+:[A-Za-z0-9][\w.-]*")
VERSION = "app.kubernetes.io/version"
RELEASE = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["version"]
OF_FEIRA = re.compile(r"(.*/)?feira[:@].*")


def pinned(documents: list[Document]) -> Iterator[str]:
    """By digest where the namespace asks for it, as in production; else by a tag that is not moved."""
    by_digest = any(
        labels_of(it).get("feira/images") == "by-digest" for it in of_kind(documents, "Namespace")
    )
    for workload in workloads(documents):
        for container in containers(workload):
            image = container["image"]
            if by_digest and not DIGEST.fullmatch(image):
                yield f"{title(workload)} runs {image}, which names no digest"
            if not DIGEST.fullmatch(image) and (not TAG.fullmatch(image) or image.endswith(":latest")):
                yield f"{title(workload)} runs {image}, whatever that is at the time"


def of_one_release(documents: list[Document]) -> Iterator[str]:
    """Images, labels and the names of Jobs state the version of ``pyproject.toml``."""
    for workload in workloads(documents):
        for container in containers(workload):
            image = str(container["image"])
            if not OF_FEIRA.fullmatch(image):
                continue
            if not DIGEST.fullmatch(image) and not image.endswith(f":{RELEASE}"):
                yield f"{title(workload)} runs {image}; the release is {RELEASE}"
            if pod_labels(workload).get(VERSION) != RELEASE:
                yield f"{title(workload)}: its pods are of version {pod_labels(workload).get(VERSION)}"
            if workload["kind"] == "Job" and not name_of(workload).endswith(RELEASE.replace(".", "-")):
                yield f"{title(workload)} is not named by the release: its template cannot be changed"


CHECKS = (pinned, of_one_release)
