"""The routes of reconciliations, and of the list of differences that they find."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal, TypeAlias

from fastapi import Query, Response

from checkout_saga.payments.accounts.domain import account_id
from checkout_saga.payments.domain.entries import Window
from checkout_saga.payments.providers.registry import PROVIDERS
from checkout_saga.reconciliation.asking import start_asked_run
from checkout_saga.reconciliation.domain.difference import Difference
from checkout_saga.reconciliation.domain.errors import (
    NoAccountToReconcile,
    ReconciliationNotFound,
    ReconciliationUnderWay,
)
from checkout_saga.reconciliation.domain.index_keys import DIFFERENCE, RECONCILIATION
from checkout_saga.reconciliation.domain.run import Reconciliation
from checkout_saga.reconciliation.schemas.views import (
    DifferenceView,
    NewReconciliation,
    ReconciliationView,
    show_difference,
    show_run,
)
from checkout_saga.reconciliation.use_cases.running import find_run
from contracts.roles import ADMINS, LISTERS, OPERATORS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable

Status: TypeAlias = Annotated[Literal["open", "resolved"] | None, Query()]


async def start_reconciliation(body: NewReconciliation, write: Write) -> Response:
    """Compare an account at a provider with what is recorded here, over a time. It runs by itself, too."""
    account = account_id(write.context.tenant, body.gateway)
    window = Window(body.gateway, write.context.tenant, body.since, body.until)
    needs_account = bool(PROVIDERS[body.gateway].credentials)
    return await create(
        write, partial(start_asked_run, account, window, needs_account=needs_account), show_run
    )


async def list_reconciliations(read: Read, paging: Paged) -> Response:
    """The comparisons, newest first."""
    return await list_by_key(read, paging, RECONCILIATION, owners(Reconciliation), show_run)


async def get_reconciliation(reconciliation_id: PathId, read: Read) -> Response:
    """A comparison."""
    return await show(read, find_run, reconciliation_id, show_run)


async def list_differences(read: Read, paging: Paged, status: Status = None) -> Response:
    """What the comparisons have found and could not repair, oldest first; the open ones before the others."""
    prefix = f"{status}/" if status else ""
    return await list_by_key(read, paging, DIFFERENCE, owners(Difference), show_difference, prefix=prefix)


ALL = "/v1/reconciliations"
DIFFERENCES = f"{ALL}/differences"
ROUTES = RouteTable(
    "reconciliations",
    (
        Route(
            "POST",
            ALL,
            start_reconciliation,
            {*ADMINS, *OPERATORS},
            ReconciliationView,
            (NoAccountToReconcile, ReconciliationUnderWay),
            status=202,
        ),
        Route("GET", ALL, list_reconciliations, LISTERS, Page[ReconciliationView]),
        Route("GET", DIFFERENCES, list_differences, {*ADMINS, *OPERATORS}, Page[DifferenceView]),
        Route(
            "GET",
            f"{ALL}/{{reconciliation_id}}",
            get_reconciliation,
            LISTERS,
            ReconciliationView,
            (ReconciliationNotFound,),
        ),
    ),
)
