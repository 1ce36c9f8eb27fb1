"""/v1/analytics/saved-questions: questions that analysts keep under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Response

from contracts.roles import ANALYSTS
from kernel.http.auth import Caller, Principal
from kernel.http.dependencies import Read, Write
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.http.versions import RowVersion
from kernel.store.event_store import EventStore, Transaction
from projections.saved_questions import rows
from projections.saved_questions.checking import Checker
from projections.saved_questions.rows import (
    SavedQuestionNameTaken,
    SavedQuestionNotFound,
    TooManySavedQuestions,
)
from projections.saved_questions.schemas import QuestionToSave, SavedQuestion

PATH = "/v1/analytics/saved-questions"
BY_ID = f"{PATH}/{{saved_question_id}}"
REMOVED: Mapping[int | str, Any] = {204: {"description": "It is deleted"}}


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    checker: Checker

    def _show(self, row: Any, caller: Principal, today: date) -> SavedQuestion:
        faults = self.checker.faults(row["question"], row["parameters"], caller, today)
        return SavedQuestion.of(row, faults)

    async def save_question(self, body: QuestionToSave, write: Write) -> Response:
        """Keeps a question with what it is asked with, under a name that the caller has not used yet. The
        parameters are those of the question's route, with the relative ranges, the comparison and the chart
        of its page on the dashboard."""
        caller = write.principal

        async def act(transaction: Transaction) -> Result:
            today = transaction.now.date()
            self.checker.check(body.question, body.parameters, caller, today)
            row = await rows.create(
                transaction.connection, caller, body.name, body.question, body.parameters, shared=body.shared
            )
            return Result(self._show(row, caller, today), row["version"])

        return await write.run_within(act)

    async def list_saved_questions(self, caller: Caller, paging: Paged) -> Page[SavedQuestion]:
        """The caller's own and the shared ones, by name. One that can no longer be asked has faults that say
        why."""
        after = paging.after(str, UUID) or (None, None)
        today = (await self.store.now()).date()
        found = await self.store.pool.fetch_for_tenant(
            caller.tenant, rows.PAGE, caller.actor, *after, paging.more
        )
        return paging.page(
            found,
            key=lambda it: (it["name"], str(it["saved_id"])),
            show=lambda it: self._show(it, caller, today),
        )

    async def get_saved_question(self, saved_question_id: PathId, read: Read) -> Response:
        """One of the caller's own, or a shared one."""
        row = await rows.find(self.store.pool, read.principal, saved_question_id)
        today = (await self.store.now()).date()
        return Result(self._show(row, read.principal, today), row["version"]).serialize().response()

    async def change_saved_question(
        self, saved_question_id: PathId, body: QuestionToSave, write: Write
    ) -> Response:
        """Replaces all of it. Its owner may do so, and for a shared one admins."""
        caller = write.principal

        async def act(transaction: Transaction) -> Result:
            today = transaction.now.date()
            row = await rows.lock_to_change(transaction.connection, caller, saved_question_id)
            write.check(RowVersion(row["version"]))
            self.checker.check(body.question, body.parameters, caller, today)
            row = await rows.change(
                transaction.connection, row, body.name, body.question, body.parameters, shared=body.shared
            )
            return Result(self._show(row, caller, today), row["version"])

        return await write.run_within(act)

    async def delete_saved_question(self, saved_question_id: PathId, write: Write) -> Response:
        """Deletes it, and the mails that it is sent by. Its owner may do so, and for a shared one admins."""

        async def act(transaction: Transaction) -> Result:
            row = await rows.lock_to_change(transaction.connection, write.principal, saved_question_id)
            write.check(RowVersion(row["version"]))
            await rows.delete(transaction.connection, row)
            return Result()

        return await write.run_within(act)


def table(store: EventStore, checker: Checker) -> RouteTable:
    do = _Handlers(store, checker)
    found = (SavedQuestionNotFound,)
    named = (SavedQuestionNameTaken,)
    return RouteTable(
        "analytics",
        (
            Route(
                "POST",
                PATH,
                do.save_question,
                ANALYSTS,
                SavedQuestion,
                (*named, TooManySavedQuestions),
                status=201,
            ),
            Route("GET", PATH, do.list_saved_questions, ANALYSTS, Page[SavedQuestion]),
            Route("GET", BY_ID, do.get_saved_question, ANALYSTS, SavedQuestion, found),
            Route("PUT", BY_ID, do.change_saved_question, ANALYSTS, SavedQuestion, (*found, *named)),
            Route(
                "DELETE",
                BY_ID,
                do.delete_saved_question,
                ANALYSTS,
                None,
                found,
                status=204,
                responses=REMOVED,
            ),
        ),
    )
