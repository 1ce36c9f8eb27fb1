"""The documents that an overlay of ``deploy/overlays`` gives a cluster."""

from __future__ import annotations

import copy
import functools
import os
import shutil
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
    """The overlay with one more component at the end of its own list, where Flux and Argo CD add theirs: it
    comes before patches and replacements. ``folder``: an empty one, for a copy of ``deploy``."""
    shutil.copytree(DEPLOY, folder / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    changed = folder.resolve() / "deploy" / "overlays" / overlay
    content = yaml.safe_load((changed / "kustomization.yaml").read_text())
    content["components"].append(os.path.relpath(component, DEPLOY / "overlays" / overlay))
    (changed / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return build_folder(changed)


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
