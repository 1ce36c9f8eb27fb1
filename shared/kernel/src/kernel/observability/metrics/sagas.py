"""Metrics of process managers, by the name of their workflow (``saga``)."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter, gauge, histogram

STARTED = counter(Part.SAGAS, "feira_sagas_started", "Sagas that were started", ("saga",))
FINISHED = counter(
    Part.SAGAS,
    "feira_sagas_finished",
    "Sagas that have ended, by outcome: completed, failed or cancelled. The reason is the code of the"
    " failure, none for a completed one, other for a code that the workflow does not name",
    ("saga", "outcome", "reason"),
)
DURATION = histogram(
    Part.SAGAS,
    "feira_saga_duration_seconds",
    "Time from the start of a saga to its end, in seconds",
    (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800),
    ("saga", "outcome"),
)
STEP_DURATION = histogram(
    Part.SAGAS,
    "feira_saga_step_duration_seconds",
    "Time from the beginning of a step to its completion or refusal, in seconds; 0 for a step that is done in"
    " the transaction in which it begins",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
    ("saga", "step"),
)
COMPENSATIONS = counter(Part.SAGAS, "feira_compensations", "Steps that were undone", ("saga", "step"))
OPEN = gauge(
    Part.SAGAS,
    "feira_sagas_open",
    "Sagas that have not ended, by state: processing, requires_action, waiting (for something that has"
    " a time limit), compensating or needs_operator. Read from the database",
    ("saga", "state"),
)
OLDEST_OPEN = gauge(
    Part.SAGAS,
    "feira_saga_oldest_open_seconds",
    "Age of the oldest saga that has not ended, in seconds; 0: there is none. One that waits counts from 5"
    " minutes after the time limit of its wait. Read from the database",
    ("saga",),
)
NEEDING_OPERATOR = gauge(
    Part.SAGAS,
    "feira_sagas_needing_operator",
    "Sagas in the state needs_operator; a review is not among them. Read from the database",
    ("saga",),
)
