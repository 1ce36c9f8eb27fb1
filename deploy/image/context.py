"""What the Containerfile copies: third-party wheels and our own, unpacked, without what no program needs."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"
STATISTICS = ROOT / "requirements" / "statistics.txt"
"""What the image of the worker has besides."""
CONTAINERFILES = tuple(Path(__file__).with_name(it) for it in ("Containerfile", "statistics.Containerfile"))
PYTHON_VERSION = "3.11"
INTERPRETER = "/usr/bin/python3.11"
EARLIEST_ZIP_TIME = "315532800"
"""1980-01-01, the first moment that a zip archive, and so a wheel, can name."""
GLIBC_MINORS = (5, 12, 17, 24, 27, 28, 31, 34, 35, 36)
"""Of the base's glibc 2.36 and older: the platforms whose wheels run there."""
UV = str(Path(sys.executable).with_name("uv"))
TIMEOUT_SECONDS = 600

SCRIPT = f"""#!{INTERPRETER}
from cli.main import run

run()
"""

USELESS = re.compile(
    r".*/(tests?|__pycache__|include)$|bin$|share$"  # folders
    r"|.*\.(pyi|pyx|pxd|c|h|cpp|hpp)$"
    # of an installation into a folder that is gone; direct_url.json names this machine's folders
    r"|\.lock$|[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_cache\.json|uv_build\.json)$"
    # amounts are written for en_US alone: pricing/money.py
    r"|babel/locale-data/(?!root|en\.|en_US\.).*"
)


class Wheels(NamedTuple):
    third_party: tuple[Path, ...]
    own: tuple[Path, ...]
    statistics: tuple[Path, ...]
    """Those of the worker's image alone."""


def write(folder: Path, cache: Path) -> Wheels:
    """Write the whole context into an empty folder; return the wheels that are in it."""
    downloads = cache / "wheels"
    own = _build(folder.parent / "own-wheels")
    wheels = Wheels(_download(REQUIREMENTS, downloads), own, _download(STATISTICS, downloads))
    _unpack(wheels.third_party, folder / "requirements")
    _unpack(wheels.own, folder / "distributions")
    _unpack(wheels.statistics, folder / "statistics")
    script = folder / "bin" / "feira"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path == script else 0o644)
    for file in CONTAINERFILES:
        shutil.copy(file, folder)
    return wheels


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def members() -> list[Path]:
    """The folders of our own distributions that the image has: those of the group ``runtime``, and theirs."""
    files = [*ROOT.glob("services/*/pyproject.toml"), *ROOT.glob("shared/*/pyproject.toml")]
    projects = {it["name"]: (file.parent, it) for file in files for it in [_project(file)]}
    root = tomllib.loads((ROOT / "pyproject.toml").read_text())
    open_, found = [*root["dependency-groups"]["runtime"]], dict[str, Path]()
    while open_:
        name = re.split(r"[^A-Za-z0-9._-]", open_.pop(), maxsplit=1)[0]
        if name in projects and name not in found:
            found[name], project = projects[name]
            open_ += project["dependencies"]
    return sorted(found.values())


def _project(file: Path) -> dict[str, str]:
    project: dict[str, str] = tomllib.loads(file.read_text())["project"]
    return project


def _download(requirements: Path, cache: Path) -> tuple[Path, ...]:
    """Wheels for the platform of the base image, not of this machine; pip verifies their hashes."""
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    arch = os.uname().machine
    platforms = (f"--platform=manylinux_2_{it}_{arch}" for it in GLIBC_MINORS)
    legacy = (f"--platform=manylinux{it}_{arch}" for it in (2010, 2014))
    _run(
        *(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"),
        *("--require-hashes", "--no-deps", "--only-binary=:all:", "--implementation=cp"),
        *(f"--python-version={PYTHON_VERSION}", "--abi=cp311", "--abi=abi3", "--abi=none"),
        *(*platforms, *legacy, f"--dest={target}", f"--requirement={requirements}"),
    )
    return tuple(sorted(target.glob("*.whl")))


def _build(folder: Path) -> tuple[Path, ...]:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EARLIEST_ZIP_TIME}
    for member in members():
        build = "build", "--wheel", "--no-build-isolation", f"--out-dir={folder}", str(member)
        _run(UV, "--quiet", *build, environment=environment)
    return tuple(sorted(folder.glob("*.whl")))


def _unpack(wheels: tuple[Path, ...], target: Path) -> None:
    platform = f"{os.uname().machine}-manylinux_2_{GLIBC_MINORS[-1]}"
    _run(
        *(
            UV,
            "--quiet",
            "pip",
            "install",
            "--no-deps",
            "--no-index",
            "--link-mode=copy",
            f"--target={target}",
        ),
        *(
            f"--python-platform={platform}",
            f"--python-version={PYTHON_VERSION}",
            f"--python={sys.executable}",
        ),
        *map(str, wheels),
    )
    for path in list(_useless(target)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _useless(folder: Path) -> Iterator[Path]:
    return (it for it in folder.rglob("*") if USELESS.fullmatch(str(it.relative_to(folder))))


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, env=environment, timeout=TIMEOUT_SECONDS)  # noqa: S603  # fixed programs
