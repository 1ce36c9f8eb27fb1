"""The pages of saved questions: the list, its forms, and the way from one to the page of its question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Request, Response
from pydantic import ValidationError

from contracts.roles import ADMINS, ANALYSTS
from kernel.http.page_templates import see
from kernel.http.problems import Problem, invalid
from kernel.http.requests import PathId
from kernel.http.visitors import Visitor
from projections.dashboard.pages import Pages, path_of
from projections.questions.question import Question
from projections.saved_questions import rows
from projections.saved_questions.checking import DATES, Checker, Fault
from projections.saved_questions.schemas import QuestionToSave, SavedQuestion

PATH = "/saved-questions"
MAX_SHOWN = 500
CHECKED = "on"
CHANGED = Problem(412, "VERSION_CONFLICT", "It has changed since the page was opened. Open the page again.")


@dataclass(frozen=True, slots=True)
class SavedPages:
    pages: Pages
    checker: Checker

    async def show(self, request: Request) -> Response:
        """The visitor's own and the shared ones, with forms to rename, share and delete those that the
        visitor may change."""
        visitor = await self.pages.door.enter(request, ANALYSTS)
        return self.pages.render("saved", request, visitor, saved=await self._list(visitor), path=PATH)

    async def _list(self, visitor: Visitor) -> list[tuple[SavedQuestion, bool]]:
        """Each with whether the visitor may change it."""
        caller = visitor.principal
        store = self.pages.asking.store
        today = (await store.now()).date()
        found = await store.pool.fetch_for_tenant(
            caller.tenant, rows.PAGE, caller.actor, None, None, MAX_SHOWN
        )
        return [
            (
                SavedQuestion.of(it, self.checker.faults(it["question"], it["parameters"], caller, today)),
                it["owner"] == caller.actor or caller.role in ADMINS,
            )
            for it in found
        ]

    async def open(self, request: Request, saved_question_id: PathId) -> Response:
        """Leads to the page of the question; one that can no longer be asked is refused with the reason."""
        visitor = await self.pages.door.enter(request, ANALYSTS)
        store = self.pages.asking.store
        row = await rows.find(store.pool, visitor.principal, saved_question_id)
        today = (await store.now()).date()
        faults = self.checker.faults(row["question"], row["parameters"], visitor.principal, today)
        if faults:
            detail = f"{row['name']} can no longer be asked: {_reasons(faults)}"
            raise invalid(detail)
        return see(address_of(self.checker.questions[row["question"]], row["parameters"]))

    # failpoint: none needed (store-transaction)
    async def keep(self, request: Request) -> Response:
        """Save the question of the page with the form."""
        visitor, fields = await self.pages.door.submit(request, ANALYSTS)
        asked = _parameters(fields.get("asked", ""))
        saved = _read(fields, fields.get("question", ""), asked)
        async with self.pages.asking.store.transaction() as transaction:
            self.checker.check(saved.question, saved.parameters, visitor.principal, transaction.now.date())
            await rows.create(
                transaction.connection,
                visitor.principal,
                saved.name,
                saved.question,
                saved.parameters,
                shared=saved.shared,
            )
        return see(PATH)

    # failpoint: none needed (store-transaction)
    async def change(self, request: Request, saved_question_id: PathId) -> Response:
        """Rename, share or delete one, as the button says that was pressed."""
        visitor, fields = await self.pages.door.submit(request, ANALYSTS)
        async with self.pages.asking.store.transaction() as transaction:
            row = await rows.lock_to_change(transaction.connection, visitor.principal, saved_question_id)
            if fields.get("version") != str(row["version"]):
                raise CHANGED
            match fields.get("action"):
                case "delete":
                    await rows.delete(transaction.connection, row)
                case "change":
                    saved = _read(fields, row["question"], row["parameters"])
                    await rows.change(
                        transaction.connection,
                        row,
                        saved.name,
                        row["question"],
                        row["parameters"],
                        shared=saved.shared,
                    )
                case _:
                    raise invalid("There is no such action.", "/action")
        return see(PATH)


def address_of(question: Question, parameters: Mapping[str, str]) -> str:
    """The address of the question's page with these parameters."""
    path = path_of(question)
    for name in question.in_path:
        path = path.replace(f"{{{name}}}", quote(parameters[name], safe=""))
    query = {name: value for name, value in parameters.items() if name not in question.in_path}
    return f"{path}?{urlencode(query)}" if query else path


def _parameters(query: str) -> dict[str, str]:
    """Of the page's address; the dates beside a relative range have no effect, and are not kept."""
    found = {name: value for name, value in parse_qsl(query) if value}
    return {name: it for name, it in found.items() if not ("range" in found and name in DATES)}


def _read(fields: Mapping[str, str], question: str, parameters: Mapping[str, str]) -> QuestionToSave:
    """Raises a ``Problem``."""
    given: dict[str, Any] = {
        "name": fields.get("name", ""),
        "question": question,
        "parameters": dict(parameters),
        "shared": fields.get("shared") == CHECKED,
    }
    try:
        return QuestionToSave(**given)
    except ValidationError as wrong:
        error = wrong.errors()[0]
        raise invalid(f"{error['loc'][0]}: {error['msg']}", f"/{error['loc'][0]}") from None


def _reasons(faults: Iterable[Fault]) -> str:
    return " ".join(f"{it.parameter}: {it.detail}" if it.parameter else it.detail for it in faults)
