"""The installation of an operator: `feira-cli` alone, in a virtual environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = ("contracts", "kernel", "cli")
"""The members of the workspace that an operator's machine has, as folders."""
UV = Path(sys.executable).with_name("uv")


def done(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """The output of a command, which must succeed."""
    ran = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True, timeout=300)
    if ran.returncode:
        raise AssertionError(ran.stdout + ran.stderr)
    return ran.stdout


def install(folder: Path) -> Path:
    """The `bin` of a fresh virtual environment with `feira-cli` in it. Its dependencies are the pinned ones,
    which the installer has in its cache since `make setup`."""
    for member in NEEDED:
        build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheels"))
        done(*build, cwd=ROOT / "shared" / member)
    done(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    pins = ("--constraint", "requirements/all.txt", "--no-verify-hashes")
    python = folder / "venv/bin/python"
    done(UV, "pip", "install", "--quiet", "--python", python, *pins, *(folder / "wheels").glob("*.whl"))
    return python.parent
