"""Which images run, and that all of one release belong together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from devstack.docker import POSTGRES_IMAGE
from tests.deploy.overlays import Document
from tests.deploy.resources import containers, labels_of, name_of, of_kind, pod_labels, title, workloads

DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
TAG = re.compile(r".+:[A-Za-z0-9][\w.-]*")
VERSION = "app.kubernetes.io/version"
RELEASE = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["version"]
POSTGRES = re.compile(r"(?:.*/)?postgres(?:ql)?:(\d+)[.\w-]*")
TESTED_POSTGRES = POSTGRES_IMAGE.partition(":")[2].partition("-")[0]
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


def servers_as_tested(documents: list[Document]) -> Iterator[str]:
    """PostgreSQL is of the major release on which all tests run: an older one may lack functions."""
    images = [(title(it), it["spec"]["imageName"]) for it in of_kind(documents, "Cluster")]
    images += [
        (title(workload), container["image"])
        for workload in workloads(documents)
        for container in containers(workload)
    ]
    for owner, image in images:
        if (found := POSTGRES.fullmatch(str(image))) and found[1] != TESTED_POSTGRES:
            yield f"{owner} runs PostgreSQL {found[1]}; the tests run on {TESTED_POSTGRES}"


CHECKS = (pinned, of_one_release, servers_as_tested)
