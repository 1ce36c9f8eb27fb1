"""The pages of the dashboard: one for each question, and those about all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from contracts.roles import ANALYSTS
from kernel.http.page_templates import PageTemplates
from kernel.http.visitors import Door, Visitor
from projections.administration.routes import ReadModels
from projections.dashboard.answering import (
    MAX_PAGES,
    ONLY_OF_PAGES,
    Answer,
    Asking,
    signature_for,
    signature_for_export,
    signature_for_page,
)
from projections.dashboard.form import Field, fields_of
from projections.dashboard.tables import Place
from projections.models.ranges import Range
from projections.questions.question import Question

PAGE_NUMBER = "page"
"""The parameter that turns the pages of a table: links elsewhere begin at the first one."""


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    title: str
    about: str


def path_of(question: Question) -> str:
    return f"/{question.path or question.name}"


def _files_of(request: Request, fields: Sequence[Field]) -> list[Link]:
    """The answer that is shown as files, whole."""
    asked = {it.name: it.value for it in fields if it.value and it.name not in ONLY_OF_PAGES}
    return [
        Link(f"{request.url.path}/export?{urlencode({**asked, 'format': it})}", title, "")
        for it, title in (("csv", "CSV"), ("parquet", "Parquet"))
    ]


@dataclass(frozen=True, slots=True)
class Pages:
    door: Door
    templates: PageTemplates
    questions: Sequence[Question]
    asking: Asking
    models: ReadModels

    async def show_overview(self, request: Request) -> Response:
        """The figures of the questions that are tiles, and the way to all others."""
        visitor = await self.door.enter(request, ANALYSTS)
        answers = [await self._usual_answer(it, visitor) for it in self.questions if self._is_overview(it)]
        return self.render("overview", request, visitor, answers=answers, path_of=path_of)

    async def show_freshness(self, request: Request) -> Response:
        visitor = await self.door.enter(request, ANALYSTS)
        loaded = await self.models.load(sorted(self.models.registry.models, key=lambda it: it.name))
        return self.render("freshness", request, visitor, models=[view for view, _ in loaded])

    async def show_dictionary(self, request: Request) -> Response:
        visitor = await self.door.enter(request, ANALYSTS)
        found = [it for one in self.questions for it in one.together]
        return self.render("dictionary", request, visitor, questions=found)

    def of(self, question: Question) -> Callable[..., Awaitable[Response]]:
        """The handler of the question's page."""

        async def show(request: Request, page: int, **given: Any) -> Response:
            visitor = await self.door.enter(request, ANALYSTS)
            asked = {name: it for name, it in request.query_params.items() if name != PAGE_NUMBER}
            place = Place(request.url.path, asked)
            answer = await self.asking.answer(
                question, visitor.principal, given, place, page=page, with_choices=True
            )
            behind = await self._seconds_behind(answer.question)
            fields = list(fields_of(question, request.query_params, answer.days, answer.choices))
            files = _files_of(request, fields) if question.exported else []
            values = {"answer": answer, "fields": fields, "behind": behind, "files": files}
            values |= {"question": question.name, "asked": urlencode({**request.path_params, **asked})}
            values |= {"page_address": f"?{urlencode({**asked, PAGE_NUMBER: ''})}", "max_pages": MAX_PAGES}
            return self.render("question", request, visitor, **values)

        show.__signature__ = signature_for_page(question)  # type: ignore[attr-defined]  # read by inspect
        return show

    def export_of(self, question: Question) -> Callable[..., Awaitable[Response]]:
        """The handler of the question's file."""

        async def export(request: Request, **given: Any) -> Response:
            visitor = await self.door.enter(request, ANALYSTS)
            return self.asking.export(question, visitor.principal, given, given["format"])

        export.__signature__ = signature_for_export(question)  # type: ignore[attr-defined]  # read by inspect
        return export

    def _is_overview(self, question: Question) -> bool:
        return question.chart.kind == "tiles" and question.single and not question.in_path

    async def _usual_answer(self, question: Question, visitor: Visitor) -> Answer:
        """With the defaults of all parameters."""
        given = {it.name: it.default for it in signature_for(question).parameters.values()}
        if question.ranged:
            given["days"] = Range()
        return await self.asking.answer(question, visitor.principal, given)

    async def _seconds_behind(self, question: Question) -> float | None:
        """How far the read models of the question are behind; None if that is not known."""
        lags = await self.models.lag.by_model()
        scopes = [it.scope for it in self.models.registry.models if it.name in question.models]
        waiting = [it.waiting_seconds for scope in scopes for it in lags[scope].values()]
        known = [it for it in waiting if it is not None]
        return max(known) if known and len(known) == len(waiting) else None

    def render(self, template: str, request: Request, visitor: Visitor, **values: Any) -> Response:
        links = [Link(path_of(it), it.title, it.about) for it in self.questions if not it.in_path]
        common = {"visitor": visitor, "links": links, "here": request.url.path}
        return self.templates.render(template, {**common, **values})
