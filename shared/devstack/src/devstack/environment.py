"""The environment variables that a process of the stack inherits: those of the machine, and its own settings.

All others are withheld, since they may be secrets of another process.
"""

import importlib
import os
from collections.abc import Iterable, Mapping

MACHINE_VARIABLES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TMP", "TEMP", "TZ", "LANG", "LANGUAGE"),
        *("LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONWARNINGS"),
    }
)
LOCALE = "LC_"


def inherited(names: Iterable[str] = (), environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The machine's variables, and those of ``names`` that are set."""
    allowed = MACHINE_VARIABLES.union(names)
    return {name: it for name, it in environment.items() if name in allowed or name.startswith(LOCALE)}


def tracing_variables(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The variables of OpenTelemetry, which its SDK reads itself in a service."""
    return frozenset(name for name in environment if name.startswith("OTEL_"))


def declared_variables(settings: str) -> frozenset[str]:
    """The variables that a settings class (``module:Class``) reads.

    The class is imported by name: no module of this package imports a service.
    """
    module, _, name = settings.partition(":")
    kind = getattr(importlib.import_module(module), name)
    prefix = kind.model_config["env_prefix"]
    return frozenset(f"{prefix}{field}".upper() for field in kind.model_fields)
