"""buildah, with its storage in a folder of the cache, and the OCI layouts that it writes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

TIMEOUT_SECONDS = 900


class Layout(NamedTuple):
    """An image in the OCI image layout: a folder with ``index.json`` and ``blobs``."""

    folder: Path

    @property
    def digest(self) -> str:
        """Of the manifest: what ``image@sha256:...`` names."""
        (manifest,) = json.loads(self.index_file.read_text())["manifests"]
        return str(manifest["digest"])

    @property
    def manifest(self) -> dict[str, Any]:
        return self.read(self.digest)

    @property
    def config(self) -> dict[str, Any]:
        return self.read(self.manifest["config"]["digest"])

    @property
    def layers(self) -> list[Path]:
        return [self.blob(it["digest"]) for it in self.manifest["layers"]]

    @property
    def compressed_bytes(self) -> int:
        return sum(int(it["size"]) for it in self.manifest["layers"])

    @property
    def index_file(self) -> Path:
        return self.folder / "index.json"

    def add(self, document: dict[str, Any]) -> dict[str, Any]:
        """Write a blob; its digest and size."""
        content = json.dumps(document, sort_keys=True).encode()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.blob(digest).write_bytes(content)
        return {"digest": digest, "size": len(content)}

    def read(self, digest: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.blob(digest).read_text())
        return document

    def blob(self, digest: str) -> Path:
        return self.folder / "blobs" / digest.replace(":", "/")


def _without_local_names(layout: Layout) -> Layout:
    """Remove what history and manifest say about images of this machine's storage: their ids depend on which
    steps were built anew, while the layers do not."""
    manifest, config = layout.manifest, layout.config
    for old in (manifest["config"]["digest"], layout.digest):
        layout.blob(old).unlink()
    for step in config["history"]:
        step.pop("comment", None)
    manifest["config"] |= layout.add(config)
    manifest.pop("annotations", None)
    index = json.loads(layout.index_file.read_text())
    index["manifests"][0] |= layout.add(manifest)
    layout.index_file.write_text(json.dumps(index))
    return layout


class Buildah:
    """Builds without a daemon and without namespaces of its own: in a chroot, as root."""

    def __init__(self, folder: Path) -> None:
        self._global = ["buildah", f"--root={folder / 'storage'}", f"--runroot={folder / 'run'}"]
        self._global.append("--storage-driver=overlay")

    def has(self, image: str) -> bool:
        return bool(self._run("images", "--quiet", "--filter", f"reference={image}").strip())

    def build(
        self,
        image: str,
        context: Path,
        containerfile: Path,
        *,
        arguments: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> None:
        """A layer for each step, all times 0: equal inputs give an equal digest.

        ``fresh``: do all steps, also those whose inputs have not changed since the last build.
        """
        self._run(
            *("build", "--isolation=chroot", "--format=oci", "--timestamp=0", "--layers"),
            *(["--no-cache"] if fresh else []),
            *("--pull=never", "--quiet", f"--tag={image}", f"--file={containerfile}"),
            *(f"--build-arg={name}={value}" for name, value in (arguments or {}).items()),
            *(f"--label={name}={value}" for name, value in (labels or {}).items()),
            str(context),
        )

    def write(self, image: str, target: Path, tag: str) -> Layout:
        self._run("push", "--quiet", "--format=oci", image, f"oci:{target}:{tag}")
        return _without_local_names(Layout(target))

    def prune(self) -> None:
        """Remove what no named image is made of, such as the image before the last one."""
        self._run("rmi", "--prune")

    def _run(self, *arguments: str) -> str:
        ended = subprocess.run(  # noqa: S603  # a fixed program
            [*self._global, *arguments], check=False, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
        )
        if ended.returncode:
            sys.exit(f"buildah {arguments[0]} failed:\n{ended.stdout}{ended.stderr}")
        return ended.stdout
