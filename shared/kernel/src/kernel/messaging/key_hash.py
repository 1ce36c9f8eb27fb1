"""The standard hash of a record's key, which chooses its partition: murmur2, as Kafka's clients have it."""

from __future__ import annotations

from functools import cache
from struct import Struct

from aiokafka.partitioner import murmur2

SEED, MULTIPLIER, MASK = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF
WORD = 4
"""Bytes."""


def hash_of(key: bytes) -> int:
    """Without a sign. The library's function goes byte by byte and takes twice as long, as long as all else
    that the relay does for a record; keys are ids as text, which are whole words."""
    result: int
    if len(key) % WORD:
        result = murmur2(key)
        return result
    result = SEED ^ len(key)
    for word in _words(len(key)).unpack(key):
        mixed = word * MULTIPLIER & MASK
        result = (result * MULTIPLIER ^ (mixed ^ mixed >> 24) * MULTIPLIER) & MASK
    result ^= result >> 13
    result = result * MULTIPLIER & MASK
    return result ^ result >> 15


@cache
def _words(length: int) -> Struct:
    return Struct(f"<{length // WORD}I")
