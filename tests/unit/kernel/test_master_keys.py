"""Stored keys and ids stay readable: what derives from a master key never changes."""

from __future__ import annotations

from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidTag

from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.master_keys import MasterKeys, subject_owner

KEYS = MasterKeys(CUSTOMER_KEYS, b"m" * 32)
CUSTOMER = "019a2b3c-0000-7000-8000-000000000001"
STORED = b64decode("BMzD9M2B4nALY+GHd2oHY49qfKZl59zdO0Y/+z5f6f6fovu73kdeik16Eg==")
"""Wrapped before the labels of derivation came from the contracts."""


def test_a_stored_key_is_unwrapped() -> None:
    assert KEYS.unwrap(STORED, subject_owner("demo", CUSTOMER)) == b"a subject's key"


def test_a_stored_key_is_not_unwrapped_for_another_tenant() -> None:
    with pytest.raises(InvalidTag):
        KEYS.unwrap(STORED, subject_owner("rival", CUSTOMER))


def test_the_first_pseudonym_key_is_derived_as_ever() -> None:
    assert KEYS.pseudonym_key == b64decode("Jar1ao/vXvynTB7KalFaLnKHdfuBf60FGRZYsUOH4gE=")
