"""Pinned Debian packages: which ones, how they are downloaded, and what is in them."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

LIST = Path(__file__).with_name("base.packages")
TIMEOUT_SECONDS = 300


class Pin(NamedTuple):
    name: str
    version: str
    sha256: str
    """Of the package's file."""
    license: str
    """An SPDX expression."""


class Package(NamedTuple):
    name: str
    version: str
    architecture: str
    sha256: str
    license: str
    control: str
    """The package's description in Debian's format."""
    file: Path


def pins() -> tuple[Pin, ...]:
    lines = [it for it in LIST.read_text().splitlines() if it and not it.startswith("#")]
    return tuple(Pin(*it.split(maxsplit=3)) for it in lines)


def fetch(cache: Path, *, allow_newer: bool = False) -> list[Package]:
    """The pinned packages, downloaded by apt into the cache if they are not there.

    Debian's archive keeps only the newest version of a package, so a pinned one disappears with the next
    security update: then the build ends and names the command that pins again. With ``allow_newer`` it takes
    what the archive has, and says so.
    """
    cache.mkdir(parents=True, exist_ok=True)
    return [_package(it, _fetched(it, cache, allow_newer=allow_newer)) for it in pins()]


def pin_again() -> None:
    """Write the newest versions of the same packages into the list."""
    comments = [it for it in LIST.read_text().splitlines() if it.startswith("#")]
    with tempfile.TemporaryDirectory() as folder:
        newest = [_package(it, _download(it.name, Path(folder))) for it in pins()]
    lines = [f"{it.name:<22} {it.version:<24} {it.sha256}  {it.license}" for it in newest]
    LIST.write_text("\n".join([*comments, *lines]) + "\n")


def members(package: Path) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """The files, links and folders of a package, without a leading ``./``, with their contents."""
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    archive = io.BytesIO(_run(command))
    with tarfile.open(fileobj=archive) as opened:
        for member in opened:
            reader = opened.extractfile(member) if member.isreg() or member.islnk() else None
            member.name = member.name.removeprefix("./")
            yield member, reader.read() if reader else b""


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _fetched(pin: Pin, cache: Path, *, allow_newer: bool) -> Path:
    kept = cache / f"{pin.name}_{pin.sha256}.deb"
    if kept.exists() and sha256(kept) == pin.sha256:
        return kept
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        try:
            file = _download(f"{pin.name}={pin.version}", Path(folder))
        except subprocess.CalledProcessError as failed:
            if not allow_newer:
                sys.exit(
                    f"{failed.stderr.decode()}{pin.name} {pin.version} cannot be downloaded. If Debian has a "
                    "newer version: python -m deploy.image.build pin; else: apt-get update"
                )
            file = _download(pin.name, Path(folder))
            print(f"{pin.name} {pin.version} is gone; instead: {file.name}", file=sys.stderr)
            return file.replace(cache / f"{pin.name}_{sha256(file)}.deb")
        if sha256(file) != pin.sha256:
            sys.exit(f"{file.name} is not the file that {LIST.name} pins")
        return file.replace(kept)


def _download(what: str, folder: Path) -> Path:
    """apt verifies the signature of the archive's list, and by it the file. Raises CalledProcessError."""
    _run(["apt-get", "-qq", "download", what], cwd=folder)
    (file,) = folder.glob(f"{what.partition('=')[0]}_*.deb")
    return file


def _package(pin: Pin, file: Path) -> Package:
    control = _run(["dpkg-deb", "-f", str(file)]).decode()
    fields = dict(_fields(control.splitlines()))
    version, architecture = fields["Version"], fields["Architecture"]
    return Package(pin.name, version, architecture, sha256(file), pin.license, control, file)


def _fields(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if not line.startswith(" "):
            name, _, value = line.partition(": ")
            yield name, value


def _run(command: list[str], cwd: Path | None = None) -> bytes:
    return subprocess.run(  # noqa: S603  # a fixed command with names of packages and files
        command, check=True, cwd=cwd, capture_output=True, timeout=TIMEOUT_SECONDS
    ).stdout
