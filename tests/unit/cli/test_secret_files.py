"""Secrets may stand in files instead of the environment."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from cli.errors import StackError
from cli.rewrap import master_keys
from cli.secret_files import with_secret_files
from contracts.customer_keys import CUSTOMER_KEYS
from devstack.state_dir import StateDir
from kernel.security.master_keys import MasterKeys

ONE, OTHER = b"1" * 32, b"2" * 32
OWNER = b"owner"


def test_a_file_is_read_like_a_variable_and_a_variable_wins(tmp_path: Path) -> None:
    (tmp_path / "feira_gateway_secret").write_text("from a file\n")
    (tmp_path / "FEIRA_POSTGRES").write_text("from a file, too")
    (tmp_path / "notes.txt").write_text("nothing of ours")
    settings = with_secret_files({"FEIRA_SECRETS_DIR": str(tmp_path), "FEIRA_POSTGRES": "embedded"})
    assert settings["FEIRA_GATEWAY_SECRET"] == "from a file"
    assert settings["FEIRA_POSTGRES"] == "embedded"
    assert len(settings) == 3


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="cannot be read"):
        with_secret_files({"FEIRA_SECRETS_DIR": str(tmp_path / "none")})


def test_the_stored_master_key_is_used_unless_one_is_set(tmp_path: Path) -> None:
    home = StateDir(tmp_path)
    home.prepare()
    kept = home.secret("master_key", lambda: b64encode(ONE).decode())
    environment = {"FEIRA_HOME": str(tmp_path)}
    assert master_keys(environment).unwrap(MasterKeys(CUSTOMER_KEYS, ONE).wrap(b"it", OWNER), OWNER) == b"it"

    settings = {"FEIRA_MASTER_KEY": b64encode(OTHER).decode(), "FEIRA_MASTER_KEYS_OLD": kept}
    keys = master_keys(environment | settings)
    assert keys.rewrap(MasterKeys(CUSTOMER_KEYS, ONE).wrap(b"it", OWNER), OWNER) is not None
    assert keys.rewrap(MasterKeys(CUSTOMER_KEYS, OTHER).wrap(b"it", OWNER), OWNER) is None
    with pytest.raises(InvalidTag):
        keys.unwrap(MasterKeys(CUSTOMER_KEYS, b"3" * 32).wrap(b"it", OWNER), OWNER)
    with pytest.raises(StackError, match="must be 32 bytes in base64"):
        master_keys(environment | {"FEIRA_MASTER_KEY": "short"})
