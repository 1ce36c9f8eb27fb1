"""What pages for operators say to type names resources that the overlays make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.deploy.overlays import DEPLOY, build
from tests.deploy.resources import containers, name_of, of_kind, workloads

ROOT = DEPLOY.parent
PAGES = sorted([*DEPLOY.rglob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")])
VERBS = "annotate|apply|cnpg|create|debug|delete|diff|exec|get|logs|patch|port-forward|rollout|wait"
COMMAND = re.compile(rf"kubectl (?=-n |(?:{VERBS})\b)(?:\\\n|[^`\n#|])+")
KINDS = {
    "deploy": "Deployment",
    "deployment": "Deployment",
    "cronjob": "CronJob",
    "service": "Service",
    "scaledobject": "ScaledObject",
    "externalsecret": "ExternalSecret",
    "cluster": "Cluster",
    "kafka": "Kafka",
    "clusters.postgresql.cnpg.io": "Cluster",
}
NAMED = re.compile(rf"(?<![\w/.-])({'|'.join(map(re.escape, KINDS))})[ /]([A-Za-z][\w-]*)")
LABELLED = re.compile(r"-l app\.kubernetes\.io/name=([\w-]+)")
CONTAINER = re.compile(r"exec .*-c ([\w-]+)")
NAMESPACE = re.compile(r" -n (?:feira|argocd|flux-system) ")
FOLDER = re.compile(r" -k (deploy/[\w/-]+)")
ELSEWHERE = re.compile(r"kubectl (?:apply|diff|patch pv|cnpg)")
"""Takes its namespace from the documents, or from an option of its own."""
PLACEHOLDER = re.compile(r"^SERVICE")


def faults(page: str) -> list[str]:
    documents = build("production")
    names = {(it["kind"], name_of(it)) for it in documents}
    labels = {
        it["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
        for it in of_kind(documents, "Deployment", "Job")
    } | {"verify"}
    used = {one["name"] for it in workloads(documents) for one in containers(it)}
    found = []
    for command in COMMAND.findall(page):
        if folder := FOLDER.search(command):
            if not (ROOT / folder[1] / "kustomization.yaml").is_file():
                found.append(f"{command}: {folder[1]} is no overlay")
            continue
        if not NAMESPACE.search(command) and not ELSEWHERE.match(command):
            found.append(f"{command} is in no namespace")
        found += [
            f"{command}: there is no {kind} {name}"
            for kind, name in NAMED.findall(command)
            if (KINDS[kind], PLACEHOLDER.sub("cart", name)) not in names
        ]
        found += [
            f"{command}: no pod has the label {it}"
            for it in LABELLED.findall(command)
            if PLACEHOLDER.sub("cart", it) not in labels
        ]
        found += [
            f"{command}: no container is called {it}" for it in CONTAINER.findall(command) if it not in used
        ]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_page_name_what_is_there(page: Path) -> None:
    assert faults(page.read_text()) == []


@pytest.mark.parametrize(
    "command",
    [
        "kubectl -n feira exec deploy/carts -c service -- true",
        "kubectl -n feira exec deploy/cart -c cart -- true",
        "kubectl -n feira annotate scaledobject saga paused=1",
        "kubectl -n feira create job --from=cronjob/verification verify-now",
        "kubectl -n feira get pods -l app.kubernetes.io/name=checkout",
        "kubectl get pods",
        "kubectl apply -k deploy/overlays/prod",
    ],
)
def test_a_command_that_names_something_else_is_found(command: str) -> None:
    assert len(faults(command)) == 1


def test_commands_are_found() -> None:
    assert COMMAND.findall("Needs kubectl 1.34.") == []
    assert sum(len(COMMAND.findall(it.read_text())) for it in PAGES) > 40
    assert faults("kubectl -n feira exec deploy/SERVICE -c service -- true") == []
