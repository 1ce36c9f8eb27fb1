"""The bill of materials names everything that is in the image."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.image import debian
from deploy.image.build import Built

ROOT = Path(__file__).parents[3]
OURS = "pkg:generic/feira/"


@pytest.fixture(scope="module")
def components(built: Built) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(built.sbom.read_text())["components"]
    return found


def test_it_keeps_the_schema_of_cyclonedx_1_6(built: Built) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(built.sbom.read_text()) is None


def test_it_has_each_distribution_and_each_package_of_the_image(
    components: list[dict[str, Any]], files: Path
) -> None:
    named = {(it["purl"].partition("/")[0], it["name"].lower().replace("_", "-")) for it in components}
    installed = {
        it.name.split("-")[0].lower().replace("_", "-") for it in files.glob("opt/feira/*/*.dist-info")
    }
    unpacked = {it.name for it in files.glob("var/lib/dpkg/status.d/*")}
    assert {name for kind, name in named if kind != "pkg:deb"} == installed
    assert (
        {name for kind, name in named if kind == "pkg:deb"} == unpacked == {it.name for it in debian.pins()}
    )


def test_each_component_has_a_version_and_a_hash_and_each_of_others_a_licence(
    components: list[dict[str, Any]],
) -> None:
    assert [it for it in components if not it["version"] or it["hashes"][0]["alg"] != "SHA-256"] == []
    without = {it["purl"] for it in components if not it.get("licenses")}
    assert {it for it in without if not it.startswith(OURS)} == set()  # the project declares none itself


def test_the_hashes_of_third_party_distributions_are_pinned_ones(components: list[dict[str, Any]]) -> None:
    taken = _third_party(components)
    assert taken
    assert taken <= _pinned("runtime.txt")


def test_the_document_of_the_worker_s_image_has_the_libraries_of_statistics_besides(
    built: Built, components: list[dict[str, Any]]
) -> None:
    of_worker: list[dict[str, Any]] = json.loads(built.worker_sbom.read_text())["components"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(built.worker_sbom.read_text()) is None
    further = {it["name"] for it in of_worker} - {it["name"] for it in components}
    assert further == {"numpy", "scipy"}
    assert _third_party(of_worker) - _third_party(components) <= _pinned("statistics.txt")


def _third_party(components: list[dict[str, Any]]) -> set[str]:
    return {it["hashes"][0]["content"] for it in components if it["purl"].startswith("pkg:pypi/")}


def _pinned(file: str) -> set[str]:
    return set(re.findall(r"sha256:([0-9a-f]{64})", (ROOT / "requirements" / file).read_text()))
