"""Network policies: everything is closed, and each pod has policies of its own."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.topology import WORKERS
from tests.deploy.network_model import OTHERS, RELEASE, reachable
from tests.deploy.overlays import Document
from tests.deploy.resources import name_of, of_kind, services, title, workloads


def denied(documents: list[Document]) -> Iterator[str]:
    """What no policy allows is refused, in both directions, for every pod."""
    for it in of_kind(documents, "NetworkPolicy"):
        spec = it["spec"]
        closed = (
            {*spec["policyTypes"]} == {"Ingress", "Egress"}
            and not spec.get("ingress")
            and not spec.get("egress")
        )
        if spec["podSelector"] == {} and closed:
            return
    yield "no policy denies what the others do not allow"


def opened(documents: list[Document]) -> Iterator[str]:
    """Each service is reached by something, no stranger reaches anything, and all can look up names. Workers
    have no callers."""
    reached = reachable(documents)
    workers = {it.name for it in WORKERS}
    for it in services(documents):
        if name_of(it) not in workers and not any(
            f"{name_of(it)}:8080" in targets for targets in reached.values()
        ):
            yield f"{title(it)} is reached by nothing"
    strangers = {it.name for it in OTHERS if it.namespace == "default"}
    for source, targets in reached.items():
        if source in strangers and targets:
            yield f"{source} reaches {sorted(targets)}"
    for it in workloads(documents):
        if "dns:53" not in reached[RELEASE.sub("", name_of(it))]:
            yield f"{title(it)} cannot look up names"


CHECKS = (denied, opened)
