"""The documents that an overlay of ``deploy/overlays`` gives a cluster."""

from __future__ import annotations

import copy
import functools
import os
import subprocess
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from tests.deploy.tools import tool

DEPLOY = Path(__file__).parents[2] / "deploy"
OVERLAYS = tuple(sorted(it.name for it in (DEPLOY / "overlays").iterdir() if it.is_dir()))
KUSTOMIZE_TIMEOUT_SECONDS = 60

Document: TypeAlias = dict[str, Any]
"""One resource, as Kubernetes takes it."""


def build(overlay: str) -> list[Document]:
    """The documents in kustomize's order; a copy, which a test may change. Raises ``AssertionError`` with
    kustomize's message if the overlay cannot be built."""
    return copy.deepcopy(_built(DEPLOY / "overlays" / overlay))


def build_folder(folder: Path) -> list[Document]:
    """The same for any folder with a ``kustomization.yaml``."""
    return copy.deepcopy(_built(folder))


def with_component(overlay: str, component: Path, folder: Path) -> list[Document]:
    """The overlay with one more component. ``folder``: an empty one, for the build."""
    base = folder.resolve()
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(DEPLOY / "overlays" / overlay, base)],
        "components": [os.path.relpath(component, base)],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return build_folder(folder)


@functools.cache
def _built(folder: Path) -> list[Document]:
    ended = subprocess.run(
        [tool("kubectl"), "kustomize", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=KUSTOMIZE_TIMEOUT_SECONDS,
    )
    assert ended.returncode == 0, f"{folder} cannot be built:\n{ended.stderr}"
    return [it for it in yaml.load_all(ended.stdout, yaml.CSafeLoader) if it]
