"""Argo CD and Flux apply the whole of an overlay, in an order in which each part finds what it needs."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.deploy.overlays import DEPLOY, Document, build, build_folder, with_component
from tests.deploy.resources import COMPONENT, labels_of, of_kind, title

GITOPS = DEPLOY / "gitops"
OVERLAYS = ("staging", "production")
LAYERS = ("platform", "data", "migrations", "services")
WAVE = "argocd.argoproj.io/sync-wave"


def sorted_texts(documents: list[Document]) -> list[str]:
    return sorted(json.dumps(it, sort_keys=True) for it in documents)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_layers_of_flux_are_the_overlay_in_parts(overlay: str, tmp_path: Path) -> None:
    found: list[Document] = []
    for layer in LAYERS:
        (folder := tmp_path / layer).mkdir()
        found += with_component(overlay, GITOPS / "flux" / "layers" / layer, folder)
    assert sorted_texts(found) == sorted_texts(build(overlay))


def test_each_layer_of_flux_waits_for_the_one_before() -> None:
    documents = of_kind(build_folder(GITOPS / "flux"), "Kustomization")
    found = {it["metadata"]["name"]: it["spec"] for it in documents}
    order = ["feira-policy", *(f"feira-{it}" for it in LAYERS)]
    assert found.keys() == {*order}
    for before, name in pairwise(order):
        assert found[name]["dependsOn"] == [{"name": before}]
        assert all((DEPLOY / "overlays" / "production" / it).is_dir() for it in found[name]["components"])
    assert all(it["wait"] for it in found.values())
    assert found["feira-data"]["prune"] is False


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_argo_cd_applies_each_resource_after_what_it_needs(overlay: str, tmp_path: Path) -> None:
    documents = with_component(overlay, GITOPS / "argocd" / "waves", tmp_path)
    waves = {title(it): int(it["metadata"]["annotations"][WAVE]) for it in documents}
    assert len(waves) == len(build(overlay))

    def of(kind: str, component: str = "") -> set[int]:
        found = [it for it in of_kind(documents, kind) if component in ("", labels_of(it).get(COMPONENT))]
        return {waves[title(it)] for it in found}

    secrets, data = of("ExternalSecret") | of("NetworkPolicy"), of("Cluster") | of("KafkaUser")
    migrations, services = of("Job", "migration"), of("Deployment") | of("Job", "operator-job")
    assert max(secrets) < min(data) <= max(data) < min(migrations) <= max(migrations) < min(services)


def test_argo_cd_may_make_every_resource_that_is_not_of_a_namespace() -> None:
    (project,) = of_kind(build_folder(GITOPS / "argocd"), "AppProject")
    allowed = {it["kind"] for it in project["spec"]["clusterResourceWhitelist"]}
    documents = [*build("production"), *build_folder(DEPLOY / "policy")]
    assert {it["kind"] for it in documents if "namespace" not in it["metadata"]} == allowed
