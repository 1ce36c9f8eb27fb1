"""How pods are made: what they may do, and what they get."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.deploy.overlays import Document
from tests.deploy.resources import containers, pod_of, title, workloads

QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?")
WRITABLE_ROOT = "feira/writable-root"
"""The annotation of an exception; ``deploy/policy/exceptions.yaml`` lists them all."""


def restricted(documents: list[Document]) -> Iterator[str]:
    """What Pod Security demands of the level "restricted", and a read-only root besides."""
    for workload in workloads(documents):
        pod = pod_of(workload).get("securityContext", {})
        excepted = WRITABLE_ROOT in workload["metadata"].get("annotations", {})
        for container in containers(workload):
            own = container.get("securityContext", {})
            if not own.get("runAsNonRoot", pod.get("runAsNonRoot")):
                yield f"{title(workload)} may run as root"
            if own.get("allowPrivilegeEscalation") is not False:
                yield f"{title(workload)} may gain privileges"
            if own.get("capabilities") != {"drop": ["ALL"]}:
                yield f"{title(workload)} has capabilities"
            if (own.get("seccompProfile") or pod.get("seccompProfile")) != {"type": "RuntimeDefault"}:
                yield f"{title(workload)} has no seccomp profile"
            if not own.get("readOnlyRootFilesystem") and not excepted:
                yield f"{title(workload)} may write to its root file system"


def tokens(documents: list[Document]) -> Iterator[str]:
    """No pod talks to the API server, so none has a token for it, nor the variables of all Services."""
    for workload in workloads(documents):
        pod = pod_of(workload)
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{title(workload)} mounts a token of its service account"
        if pod.get("enableServiceLinks") is not False:
            yield f"{title(workload)} gets variables of all Services, which may be taken for settings"


def resources(documents: list[Document]) -> Iterator[str]:
    """Requests, and a limit of memory; no limit of CPU, which would delay heartbeats."""
    for workload in workloads(documents):
        for container in containers(workload):
            given = container.get("resources", {})
            requests, limits = given.get("requests", {}), given.get("limits", {})
            if missing := {"cpu", "memory"} - requests.keys():
                yield f"{title(workload)} requests no {' and no '.join(sorted(missing))}"
            if limits.keys() != {"memory"}:
                yield f"{title(workload)} limits {sorted(limits)}, not memory alone"
            for quantity in (*requests.values(), *limits.values()):
                if not QUANTITY.fullmatch(str(quantity)):
                    yield f"{title(workload)}: {quantity} is no quantity"


def volumes(documents: list[Document]) -> Iterator[str]:
    """Each mount has its volume, each volume is mounted, and none takes memory or disk without a limit."""
    for workload in workloads(documents):
        claimed = {it["metadata"]["name"] for it in workload["spec"].get("volumeClaimTemplates", [])}
        there = {it["name"]: it for it in pod_of(workload).get("volumes", [])}
        mounted = {it["name"] for one in containers(workload) for it in one.get("volumeMounts", [])}
        for name in sorted(mounted - there.keys() - claimed):
            yield f"{title(workload)} mounts {name}, which is no volume of it"
        for name in sorted(there.keys() - mounted):
            yield f"{title(workload)} does not mount its volume {name}"
        for name, volume in there.items():
            if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
                yield f"{title(workload)}: the volume {name} has no size limit"


CHECKS = (restricted, tokens, resources, volumes)
