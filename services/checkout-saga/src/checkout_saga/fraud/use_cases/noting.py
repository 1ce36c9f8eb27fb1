"""Notes what became of an attempt to pay, in the save that records it."""

from __future__ import annotations

from uuid import UUID

from kernel.unit_of_work import UnitOfWork

NOTE = """
    INSERT INTO fraud_events (tenant, subject, signal, dimension, value, instrument, at)
    SELECT tenant, subject, $3, dimension, value, instrument, $4 FROM fraud_events
    WHERE (tenant, subject) = ($1, $2) AND signal = 'attempt'
    ON CONFLICT DO NOTHING
"""
"""Under the values of the attempt, which stand nowhere else. Nothing for an attempt that was not screened, or
whose events have been deleted by age."""


# failpoint: none needed (append)
def note_outcome(payment_id: UUID, signal: str, work: UnitOfWork) -> None:
    work.execute(NOTE, work.context.tenant, payment_id, signal, work.now)
