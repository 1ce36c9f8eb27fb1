"""Clients that openapi-python-client generates from a service's description.

The generator needs an older Typer than Feira does, so it has an environment of its own, made when needed.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
PINNED = ROOT / "requirements" / "clients.txt"
HOME = Path(sys.prefix) / "clients"


def generator() -> Path:
    """The path of the program; installed once in its pinned version, under a file lock."""
    wanted = sha256(PINNED.read_bytes()).hexdigest()
    program, ready = HOME / "bin" / "openapi-python-client", HOME / "ready"
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with HOME.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != wanted:
            shutil.rmtree(HOME, ignore_errors=True)
            uv = str(Path(sys.executable).with_name("uv"))
            python = str(HOME / "bin" / "python")
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(HOME)], check=True)
            install = ["pip", "install", "--quiet", "--compile-bytecode", "--require-hashes"]
            subprocess.run([uv, *install, "--python", python, "-r", str(PINNED)], check=True)
            ready.write_text(wanted)
    return program


FILES = {"text/csv": "application/octet-stream", "application/x-ndjson": "application/octet-stream"}
"""Bodies that the generator does not know and that a caller sends as bytes."""


def generate(described: dict[str, Any], package: str, folder: Path) -> str:
    """Write the client ``package`` into the folder. Returns the generator's warnings and errors.

    A client is generated once from each description, by the first process that wants it: its code depends on
    nothing else, and imports its own modules relatively, so that a copy may have any name.
    """
    settings = {"post_hooks": [], "content_type_overrides": FILES}
    program = generator()
    made = HOME / "made" / sha256(json.dumps([described, settings], sort_keys=True).encode()).hexdigest()
    with HOME.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not made.exists():
            with TemporaryDirectory(dir=HOME) as name:
                if complaint := _generate(program, described, settings, Path(name)):
                    return complaint
                made.parent.mkdir(exist_ok=True)
                (Path(name) / "client").rename(made)
    shutil.copytree(made, folder / package)
    return ""


def _generate(program: Path, described: dict[str, Any], settings: dict[str, Any], folder: Path) -> str:
    document, configured = folder / "openapi.json", folder / "settings.json"
    document.write_text(json.dumps(described))
    configured.write_text(json.dumps(settings))
    command = [str(program), "generate", "--meta", "none", "--path", str(document), "--fail-on-warning"]
    command += ["--config", str(configured), "--output-path", str(folder / "client")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


class GeneratedClient:
    """Calls operations by their ids, with generated code alone."""

    def __init__(self, package: str, url: str, key: str) -> None:
        self._package = package
        client = importlib.import_module(f"{package}.client").AuthenticatedClient
        self._client = client(base_url=url, token=key, raise_on_unexpected_status=True, timeout=30)

    def call(self, operation: str, *path: Any, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """The response as the generated code parses it: status and content."""
        module = self._module(operation)
        if body is not None:
            kind = module.sync_detailed.__annotations__["body"]
            more["body"] = kind.from_dict(body)
        return module.sync_detailed(*path, client=self._client, **more)

    def _module(self, operation: str) -> ModuleType:
        (found,) = Path(str(importlib.import_module(self._package).__file__)).parent.glob(
            f"api/*/{operation}.py"
        )
        return importlib.import_module(f"{self._package}.api.{found.parent.name}.{operation}")
