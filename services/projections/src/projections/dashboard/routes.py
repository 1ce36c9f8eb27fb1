"""The routes of the analysts' dashboard: pages that the server writes, behind a sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter

from contracts.roles import ANALYSTS
from kernel.http.page_templates import PageTemplates
from kernel.http.visited_pages import router_of_pages
from kernel.http.visitors import Door
from kernel.store.event_store import EventStore
from projections.administration.routes import ReadModels
from projections.dashboard import report_pages, saved_pages
from projections.dashboard.answering import Asking
from projections.dashboard.pages import Pages, path_of
from projections.dashboard.report_pages import ReportPages
from projections.dashboard.saved_pages import SavedPages
from projections.questions.question import Question
from projections.reports.routes import Reports
from projections.saved_questions.checking import Checker
from projections.settings import ProjectionsSettings

COOKIE = "feira_dashboard"
PATH = "/"
TEMPLATES = PageTemplates(Path(__file__).parent / "templates", PATH, "dashboard.css", {})
FORM_PATHS = ("/sign-in", "/sign-out", saved_pages.PATH, report_pages.PATH)


def router(
    settings: ProjectionsSettings,
    store: EventStore,
    questions: Sequence[Question],
    asking: Asking,
    models: ReadModels,
    checker: Checker,
    reports: Reports,
) -> APIRouter:
    is_production = settings.env == "production"
    door = Door(store, settings.link_keys, is_production, cookie=COOKIE, path=PATH, admitted=ANALYSTS)
    routes = router_of_pages(door, TEMPLATES)
    pages = Pages(door, TEMPLATES, questions, asking, models)
    saved = SavedPages(pages, checker)
    one = f"{saved_pages.PATH}/{{saved_question_id}}"
    routes.add_api_route(saved_pages.PATH, saved.keep, methods=["POST"])
    routes.add_api_route(one, saved.change, methods=["POST"])
    routes.add_api_route(one, saved.open, methods=["GET"])
    mailed = ReportPages(pages, reports)
    routes.add_api_route(report_pages.PATH, mailed.subscribe, methods=["POST"])
    routes.add_api_route(f"{report_pages.PATH}/{{subscription_id}}", mailed.change, methods=["POST"])
    for path, show in (
        ("/", pages.show_overview),
        (saved_pages.PATH, saved.show),
        (report_pages.PATH, mailed.show),
        ("/freshness", pages.show_freshness),
        ("/dictionary", pages.show_dictionary),
        *((path_of(it), pages.of(it)) for it in questions),
        *((f"{path_of(it)}/export", pages.export_of(it)) for it in questions if it.exported),
    ):
        routes.add_api_route(path, show, methods=["GET"])
    return routes
