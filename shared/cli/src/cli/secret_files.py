"""Settings that may lie in files: the master keys, and the folder of such files."""

from collections.abc import Mapping
from pathlib import Path

from cli.errors import StackError

MASTER_KEY = "FEIRA_MASTER_KEY"
MASTER_KEYS_OLD = "FEIRA_MASTER_KEYS_OLD"
SECRETS_DIR = "FEIRA_SECRETS_DIR"


def with_secret_files(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment plus the files in ``FEIRA_SECRETS_DIR`` that are named like variables, such as
    ``feira_master_key``. Variables take precedence over files."""
    folder = environment.get(SECRETS_DIR)
    if not folder:
        return dict(environment)
    try:
        files = [it for it in Path(folder).iterdir() if it.name.lower().startswith("feira_") and it.is_file()]
        return {it.name.upper(): it.read_text().strip() for it in files} | dict(environment)
    except (OSError, UnicodeDecodeError) as problem:
        raise StackError(f"{SECRETS_DIR} {folder} cannot be read: {type(problem).__name__}.") from None
