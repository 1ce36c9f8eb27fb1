"""What a process of the stack is told of the environment that the stack was started in: what it needs to run
at all, and its own settings. Nothing else gets through, for it may be a secret of another."""

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
    """What concerns the machine, and these settings as far as they are set."""
    wanted = MACHINE_VARIABLES.union(names)
    return {name: it for name, it in environment.items() if name in wanted or name.startswith(LOCALE)}


def declared_variables(settings: str) -> frozenset[str]:
    """The names of the variables that a program reads, by its class of settings, as ``module:Class``.

    Looked up by name: this package knows of the services what it starts, and imports none of them.
    """
    module, _, name = settings.partition(":")
    kind = getattr(importlib.import_module(module), name)
    prefix = kind.model_config["env_prefix"]
    return frozenset(f"{prefix}{field}".upper() for field in kind.model_fields)
