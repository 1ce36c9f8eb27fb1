"""Build the container image: ``python -m deploy.image.build``.

Debian packages -> base -> image -> image of the worker, as OCI layouts in the cache (or ``--output``), each
with its SBOM beside it.
``pin`` writes the newest Debian packages into base.packages; ``context FOLDER`` writes what the Containerfile
copies, for a build by another engine.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from deploy.image import context, debian, rootfs, sbom
from deploy.image.buildah import Buildah, Layout

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "feira" / "image"
IMAGE = "localhost/feira"
SOURCE = "FEIRA_IMAGE_SOURCE"
"""Environment variable: the URL of the repository, for the label."""
PROGRAMS = ("apt-get", "dpkg-deb", "buildah", "git")


class Built(NamedTuple):
    layout: Layout
    sbom: Path
    worker: Layout
    """The image of the worker: the other one and a further layer."""
    worker_sbom: Path


def build(output: Path, cache: Path = CACHE, *, allow_newer: bool = False, fresh: bool = False) -> Built:
    """Build the image from the checkout into ``output``, which is replaced.

    ``fresh``: use nothing of an earlier build but downloads. Exits with a sentence if a program is missing.
    """
    _check_machine()
    cache.mkdir(parents=True, exist_ok=True)
    # buildah's storage is shared by all checkouts of this machine
    with (cache / "lock").open("w") as lock, tempfile.TemporaryDirectory(prefix="feira-image-") as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _build(output, cache, Path(folder), allow_newer=allow_newer, fresh=fresh)


def _build(output: Path, cache: Path, work: Path, *, allow_newer: bool, fresh: bool) -> Built:
    buildah = Buildah(cache)
    _say("Debian packages")
    packages = debian.fetch(cache / "debian", allow_newer=allow_newer)
    base = _base(buildah, packages, work, fresh=fresh)
    _say("wheels")
    (work / "context").mkdir()
    wheels = context.write(work / "context", cache)
    _say("image")
    version = context.version()
    buildah.build(
        IMAGE,
        work / "context",
        HERE / "Containerfile",
        arguments={"BASE": base},
        labels=_labels(version),
        fresh=fresh,
    )
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    layout = buildah.write(IMAGE, output / "oci", version)
    worker = f"{IMAGE}-worker"
    containerfile = HERE / "statistics.Containerfile"
    buildah.build(worker, work / "context", containerfile, arguments={"IMAGE": IMAGE}, fresh=fresh)
    worker_layout = buildah.write(worker, output / "worker-oci", version)
    buildah.prune()
    document, worker_document = output / "sbom.cdx.json", output / "worker-sbom.cdx.json"
    parts = wheels.third_party, wheels.own
    document.write_text(sbom.document("feira", version, packages, *parts))
    worker_document.write_text(sbom.document("feira-worker", version, packages, *parts, wheels.statistics))
    return Built(layout, document, worker_layout, worker_document)


def _base(buildah: Buildah, packages: Sequence[debian.Package], work: Path, *, fresh: bool) -> str:
    """The base's name, which has the hash of all that it is made of."""
    code = ((HERE / it).read_bytes() for it in ("rootfs.py", "base.Containerfile"))
    inputs = b"".join([*code, *(it.sha256.encode() for it in packages)])
    name = f"{IMAGE}-base:{hashlib.sha256(inputs).hexdigest()[:16]}"
    if fresh or not buildah.has(name):
        _say("base")
        (work / "base").mkdir()
        rootfs.write(packages, work / "base" / "rootfs.tar")
        buildah.build(name, work / "base", HERE / "base.Containerfile", fresh=fresh)
    return name


def _labels(version: str) -> dict[str, str]:
    known = {
        "title": "feira",
        "version": version,
        "revision": _git("rev-parse", "HEAD"),
        "source": os.environ.get(SOURCE, ""),
        "licenses": "NOASSERTION",  # the project declares none
    }
    return {f"org.opencontainers.image.{name}": value for name, value in known.items() if value}


def _git(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603  # a fixed program
        ["git", *arguments],  # noqa: S607  # of the system
        check=True,
        cwd=HERE,
        capture_output=True,
        text=True,
    ).stdout.strip()


def _check_machine() -> None:
    if missing := missing_for_a_build():
        sys.exit(f"The image cannot be built here: {missing}.")


def missing_for_a_build() -> str:
    """What this machine lacks; empty if nothing."""
    if os.geteuid() != 0:
        return "buildah needs root for a chroot"
    missing = [it for it in PROGRAMS if not shutil.which(it)]
    return f"{', '.join(missing)} not found (make deploy-tools)" if missing else ""


def _say(step: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.image.build", description=__doc__)
    parser.add_argument("--output", type=Path, default=CACHE / "out")
    parser.add_argument("--allow-newer", action="store_true", help="if a pinned Debian package is gone")
    parser.add_argument("--fresh", action="store_true", help="use nothing of earlier builds")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("pin", help="write the newest Debian packages into base.packages")
    writing = commands.add_parser("context", help="write what the Containerfile copies")
    writing.add_argument("folder", type=Path)
    given = parser.parse_args()
    match given.command:
        case "pin":
            debian.pin_again()
        case "context":
            given.folder.mkdir(parents=True)
            context.write(given.folder.resolve(), CACHE)
        case _:
            built = build(given.output, allow_newer=given.allow_newer, fresh=given.fresh)
            for layout, document in ((built.layout, built.sbom), (built.worker, built.worker_sbom)):
                print(f"image   oci:{layout.folder}:{context.version()}")
                print(f"digest  {layout.digest}")
                print(f"size    {layout.compressed_bytes / 1e6:.1f} MB compressed")
                print(f"SBOM    {document}")


if __name__ == "__main__":
    main()
