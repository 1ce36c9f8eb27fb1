"""The compose file as Docker Compose itself reads it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.tools import tool

COMPOSE = Path(__file__).parents[3] / "deploy" / "compose"
EXAMPLE = COMPOSE / ".env.example"


def config(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """``docker compose config``, which needs no engine."""
    command = [tool("docker-compose"), f"--file={file}", f"--env-file={EXAMPLE}", "--profile=*", "config"]
    return subprocess.run([*command, *options], check=False, capture_output=True, text=True)


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """The whole file with its anchors and variables resolved, all profiles included."""
    resolved = config(COMPOSE / "compose.yaml", "--format=json")
    assert resolved.returncode == 0, resolved.stderr
    document: dict[str, Any] = json.loads(resolved.stdout)
    return document


@pytest.fixture(scope="session")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of secrets that make-secrets fills."""
    copy = tmp_path_factory.mktemp("compose")
    for name in ("compose.yaml", "make-secrets"):
        shutil.copy(COMPOSE / name, copy)
    subprocess.run([copy / "make-secrets"], check=True)
    return copy / "secrets"
