"""The state directory of the stack on this machine (FEIRA_HOME), as commands read it."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.errors import StackError

STATE_FILE = "state.json"
SECRETS_FILE = "secrets.json"


def home_of(environment: Mapping[str, str] = os.environ) -> Path:
    """FEIRA_HOME, or else `.feira` in the project of this virtual environment."""
    if chosen := environment.get("FEIRA_HOME"):
        return Path(chosen).expanduser().resolve()
    project = Path(sys.prefix).parent
    return (project if (project / "pyproject.toml").exists() else Path.cwd()) / ".feira"


def read_state(home: Path) -> dict[str, Any] | None:
    """The addresses and processes of the stack as it last wrote them; None without a readable file. Raises
    ``StackError`` if the file may not be read."""
    path = home / STATE_FILE
    try:
        state = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    except OSError as problem:
        raise StackError(f"{path} cannot be read: {problem.strerror}.") from None
    return state if isinstance(state, dict) else None


def read_secrets(home: Path) -> dict[str, str]:
    """The stack's stored secrets by name."""
    path = home / SECRETS_FILE
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return stored
