"""The variant of an experiment that a session is assigned to, and that a line is sold by."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID, uuid5

from contracts.experiment import Changes, Variant
from contracts.sale import Exposure


@dataclass(frozen=True, slots=True)
class Assignment:
    """What decides which variant of an offer is shown and sold: while its experiment runs, that of the
    session; once the experiment was stopped, the winner for all."""

    experiment_id: UUID
    variants: Sequence[Variant]
    is_running: bool
    winner: UUID | None = None

    def variant_for(self, session_id: str | None) -> Variant | None:
        """None: the offer itself."""
        if not self.is_running:
            return self._variant(self.winner)
        return None if session_id is None else variant_for(self.experiment_id, session_id, self.variants)

    def exposure_of(self, session_id: str | None) -> Exposure | None:
        """None unless the experiment runs and the session is known."""
        variant = self.variant_for(session_id) if self.is_running else None
        if variant is None or session_id is None:
            return None
        return Exposure(
            experiment_id=self.experiment_id,
            variant_id=variant.variant_id,
            exposure_id=exposure_id(self.experiment_id, session_id),
        )

    def changes_for(self, exposure: Exposure | None) -> Changes | None:
        """What the variant changes of the offer for a line with this exposure; None: nothing."""
        chosen = self.winner
        if self.is_running:
            is_exposed = exposure is not None and exposure.experiment_id == self.experiment_id
            chosen = exposure.variant_id if exposure is not None and is_exposed else None
        variant = self._variant(chosen)
        return variant.changes if variant else None

    def _variant(self, variant_id: UUID | None) -> Variant | None:
        return next((it for it in self.variants if it.variant_id == variant_id), None)


def exposure_id(experiment_id: UUID, session_id: str) -> UUID:
    """The stream of the session's exposure."""
    return uuid5(experiment_id, session_id)


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
