"""The hash of a record's key is that of Kafka's own clients."""

from __future__ import annotations

from uuid import uuid4

import pytest
from aiokafka.partitioner import murmur2

from kernel.messaging.key_hash import hash_of


def test_the_hash_of_an_id_is_the_library_s() -> None:
    for key in (str(uuid4()).encode() for _ in range(1_000)):
        assert hash_of(key) == murmur2(key)


@pytest.mark.parametrize("length", range(10))
def test_keys_of_any_length_have_the_library_s_hash(length: int) -> None:
    key = bytes(range(255, 255 - length, -1))
    assert hash_of(key) == murmur2(key)
