"""The variant of an experiment that a session is assigned to."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from contracts.experiment import Variant


def variant_for(experiment_id: UUID, session_id: str, variants: Sequence[Variant]) -> Variant:
    """A function of its arguments, so that all processes assign alike. The variants' shares of sessions are
    their shares of the sum of weights."""
    bucket = bucket_of(experiment_id, session_id, sum(it.weight for it in variants))
    end = 0
    for variant in variants:
        end += variant.weight
        if bucket < end:
            return variant
    raise ValueError(f"experiment {experiment_id} has no variants")


def bucket_of(experiment_id: UUID, session_id: str, buckets: int) -> int:
    """The session's bucket, from 0; the experiment's id makes it independent of other experiments."""
    digest = sha256(f"{experiment_id}:{session_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * buckets >> 64
