"""Count the sagas of one workflow by their committed facts: started, ended, each step, each compensation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson

from kernel.observability.metrics.declaring import Part, expose
from kernel.observability.metrics.sagas import COMPENSATIONS, DURATION, FINISHED, STARTED, STEP_DURATION
from kernel.process.process import Process
from kernel.process.workflow import P, Workflow
from kernel.store.changes import Changes, LogRow
from kernel.store.event_store import EventStore

NO_REASON, OTHER_REASON = "none", "other"


class SagaMetrics:
    """A hook for after the commit: a unit of work may run several times before it is committed."""

    def __init__(
        self,
        saga: str,
        workflow: Workflow[P],
        store: EventStore,
        reasons: Collection[str],
        cancellations: Collection[str] = (),
    ) -> None:
        """``saga``: the value of the label; ``reasons``: the codes of failures that are a value of the label
        ``reason``, a closed list; ``cancellations``: those of them with which a saga counts as cancelled."""
        expose(Part.SAGAS)
        self._saga = saga
        self._workflow = workflow
        self._store = store
        self._reasons = frozenset(reasons)
        self._cancellations = frozenset(cancellations)
        facts = workflow.kind.FACTS
        self._counts: Mapping[str, Callable[[LogRow], None]] = {
            facts.started.TYPE: self._started,
            facts.advanced.TYPE: self._advanced,
            facts.completed.TYPE: self._completed,
            facts.failed.TYPE: self._failed,
        }
        store.add_commit_hooks(self.after_commit)

    def after_commit(self, changes: Changes) -> None:
        for row in changes.rows:
            if count := self._counts.get(row.type):
                count(row)

    def _started(self, _row: LogRow) -> None:
        STARTED.labels(self._saga).inc()

    def _advanced(self, row: LogRow) -> None:
        fact: dict[str, Any] = orjson.loads(row.body)
        for step in fact.get("undone") or ():
            COMPENSATIONS.labels(self._saga, step).inc()
        ended = [it["step"] for it in fact["done"]]
        if refused := fact.get("refused"):
            ended.append(refused["step"])
        process = self._process(row)
        for step in ended if process else ():
            state = process.steps[step]  # type: ignore[union-attr]  # checked in the line above
            if state.finished_at:
                seconds = (state.finished_at - state.started_at).total_seconds()
                STEP_DURATION.labels(self._saga, step).observe(max(0.0, seconds))

    def _completed(self, row: LogRow) -> None:
        self._ended(row, "completed", NO_REASON)

    def _failed(self, row: LogRow) -> None:
        process = self._process(row)
        code = process.failure.code if process and process.failure else OTHER_REASON
        outcome = "cancelled" if code in self._cancellations else "failed"
        self._ended(row, outcome, code if code in self._reasons else OTHER_REASON)

    def _ended(self, row: LogRow, outcome: str, reason: str) -> None:
        FINISHED.labels(self._saga, outcome, reason).inc()
        if (process := self._process(row)) and process.steps:
            # the first steps begin in the unit of work that starts the process
            started = min(it.started_at for it in process.steps.values())
            DURATION.labels(self._saga, outcome).observe(
                max(0.0, (row.recorded_at - started).total_seconds())
            )

    def _process(self, row: LogRow) -> Process | None:
        """As its unit of work has just given it back to the cache."""
        return self._store.peek(row.tenant, self._workflow.kind, row.stream_id)
