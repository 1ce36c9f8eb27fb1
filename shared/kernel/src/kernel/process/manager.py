"""The engine of process managers: takes processes through their workflow, and back if they cannot go on.

Every decision stores its facts together with the commands, timers and calls that follow from them, in the
unit of work of the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Generic, assert_never
from uuid import UUID

from contracts.envelope import Reply
from kernel.process.state import Reason
from kernel.process.workflow import Action, Call, Data, P, Run, Send, Step, Streams, Workflow
from kernel.unit_of_work import UnitOfWork

ENVELOPE = {"process_id", "step"}
"""Fields of a reply that are not data of the step."""
NO_DATA: Data = {}


class ProcessManager(Generic[P]):
    def __init__(self, workflow: Workflow[P]) -> None:
        self.workflow = workflow

    async def start(self, process: P, work: UnitOfWork) -> None:
        """Begin the first steps of a process that has just been recorded."""
        if process.deadline is not None:
            work.set_timer(self.workflow.deadline_timer, process.id, process.deadline)
        await self.advance(process, work)

    async def on_reply(self, reply: Reply, work: UnitOfWork) -> None:
        """Advance or compensate the process. A reply counts once, and only while its step waits for it.

        A reply that arrives during compensation is ignored: the undoing command was sent after the step's
        command, with the same record key, so that it is handled after it. So is a reply to a process that
        this tenant does not have.
        """
        process = await work.open(self.workflow.kind, reply.process_id)
        outcome = self.workflow.outcomes[reply.TYPE]
        if not process.exists or reply.step != outcome.step:
            return
        data = reply.model_dump(mode="json", include=outcome.keeps, exclude=ENVELOPE, exclude_none=True)
        match outcome.kind:
            case "completed" if process.awaits(reply.step):
                await self.complete(process, reply.step, data, work)
            case "refused" if process.awaits(reply.step):
                reason = Reason(data.pop("code"), data.pop("detail"), data)
                await self.refuse(process, reply.step, reason, work)
            case "withdrawn" if process.awaits(reply.step):
                await self.compensate(process, Reason(data.pop("code"), data.pop("detail")), work)
            case "undone" if process.is_undoing(reply.step):
                self.complete_undo(process, reply.step, work)

    def opened_by(self, process: P, replies: Iterable[Reply], tenant: str) -> Streams:
        """The streams that the steps open which begin once the process has these replies. What a reply that
        does not count would open is not among them, nor is what a compensation opens."""
        outcomes = [self.workflow.outcomes[it.TYPE] for it in replies]
        completed = {it.step for it in outcomes if it.kind == "completed" and process.awaits(it.step)}
        if not completed:
            return Streams()
        ahead = self.workflow.steps_ahead(process, completed)
        opened = [it.opens(process, tenant) for it in ahead if it.opens]
        return Streams([key for it in opened for key in it.known], [key for it in opened for key in it.new])

    async def on_deadline(self, process_id: UUID, work: UnitOfWork) -> None:
        process = await work.open(self.workflow.kind, process_id)
        if self.workflow.is_expired(process, work.now):
            await self.compensate(process, self.workflow.reason_of_expiry(process), work)

    def move_deadline(self, process: P, expires_at: datetime, why: str, work: UnitOfWork) -> None:
        """The process has until then to reach its pivot. Nothing is recorded if that is no other time."""
        process.move_deadline(expires_at, why)
        work.set_timer(self.workflow.deadline_timer, process.id, expires_at)

    async def complete(self, process: P, step: str, data: Data, work: UnitOfWork) -> None:
        process.complete(step, data)
        await self.advance(process, work)

    async def refuse(self, process: P, step: str, reason: Reason, work: UnitOfWork) -> None:
        process.refuse(step, reason)
        await self.compensate(process, reason, work)

    def complete_undo(self, process: P, step: str, work: UnitOfWork) -> None:
        process.complete_undos([step])
        self._fail_if_all_undone(process, work)

    async def advance(self, process: P, work: UnitOfWork) -> None:
        """Begin the next steps, until one has to wait for a reply or an outcome."""
        while stage := self.workflow.next_stage(process):
            if reason := await self._reason_to_stop(process, stage, work):
                await self.compensate(process, reason, work)
                return
            await self._begin(process, stage, work)
        if self.workflow.is_complete(process):
            process.record(process.completed())
            self._end(process, work)

    async def begin_again(self, process: P, step: str, work: UnitOfWork) -> None:
        """Begin the next attempt of a step that is under way; its action may be another one then."""
        process.begin([step])
        await self._perform(process, self.workflow.action(process, step), work)

    async def repeat(self, process: P, steps: Iterable[str], work: UnitOfWork, tries: int = 1) -> None:
        """Send and call once more what is under way. A receiver answers a repeated command as before; of a
        repeated call the key is looked up first, since it counts as the second try. ``tries``: 0 for a step
        whose action is another one now, that was not begun before."""
        for step in steps:
            data = await self._perform(process, self.workflow.action(process, step), work, tries=tries)
            if data is not None and process.awaits(step):
                await self.complete(process, step, data, work)

    async def resume(self, process: P, work: UnitOfWork) -> None:
        """Set the deadline, and repeat what is under way, for a process whose facts have been recovered: its
        timers are gone, and so may be commands that were not published yet."""
        if process.ended:
            return
        if process.deadline is not None:
            work.set_timer(self.workflow.deadline_timer, process.id, process.deadline)
        if not process.is_waiting:  # otherwise what it waits for has to come first
            await self.repeat(process, process.under_way(), work)

    async def compensate(self, process: P, reason: Reason, work: UnitOfWork) -> None:
        """Undo every step that may have had an effect, all at once: one that fails must not delay others."""
        for step in process.under_way():
            if isinstance(action := self.workflow.action(process, step), Call):
                work.cancel_timer(action.kind, process.id)
        undoing = self.workflow.to_undo(process)
        process.start_compensation(reason, undoing)
        if self.workflow.at_compensation:
            self.workflow.at_compensation(process, work)
        undone = [
            step
            for step in undoing
            if await self._perform(process, self.workflow.action(process, step), work) is not None
        ]
        if undone:
            process.complete_undos(undone)
        self._fail_if_all_undone(process, work)

    async def _reason_to_stop(self, process: P, stage: Sequence[Step[P]], work: UnitOfWork) -> Reason | None:
        """The timer of the deadline is not enough: after an outage a reply may be handled before it."""
        if self.workflow.is_expired(process, work.now):
            return self.workflow.reason_of_expiry(process)
        for step in stage:
            if step.guard and (reason := await step.guard(process, work)):
                return reason
        return None

    async def _begin(self, process: P, stage: Sequence[Step[P]], work: UnitOfWork) -> None:
        """Do at once what this service can do, and begin the others: no reply can come before the commit."""
        begun = []
        for step in stage:
            data = await self._perform(process, step.do(process), work)
            if data is None:
                begun.append(step.name)
            else:
                process.complete(step.name, data)
        if begun:
            process.begin(begun)

    # failpoint: none needed (intent), 2 calls
    async def _perform(self, process: P, action: Action, work: UnitOfWork, tries: int = 0) -> Data | None:
        """Returns the data of what is done at once; None: its reply or outcome has to be awaited."""
        match action:
            case Send(command, key):
                work.send(command, key)
            case Call(kind, notify):
                again = {"tries": tries} if tries else None
                work.set_timer(kind, process.id, work.now, again, target=process.call_target)
                if notify:
                    work.send(*notify)
            case Run(use_case):
                return await use_case(process, work)
            case None:
                return NO_DATA
            case _:
                assert_never(action)
        return None

    def _fail_if_all_undone(self, process: P, work: UnitOfWork) -> None:
        if process.failure and not process.ended and not process.under_way():
            process.record(process.failed(process.failure))
            self._end(process, work)

    def _end(self, process: P, work: UnitOfWork) -> None:
        work.cancel_timer(self.workflow.deadline_timer, process.id)
        if self.workflow.at_end:
            self.workflow.at_end(process, work)
