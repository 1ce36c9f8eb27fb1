"""The route by which an operator resolves a difference from a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import Response

from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.routes.dry_runs import DryRun
from checkout_saga.operations.schemas.dry_runs import DryRunView
from checkout_saga.reconciliation.domain.errors import DifferenceNotFound, DifferenceNotResolvable
from checkout_saga.reconciliation.routes.reconciliations import DIFFERENCES
from checkout_saga.reconciliation.schemas.views import DifferenceResolution, DifferenceView, show_difference
from checkout_saga.reconciliation.use_cases import differences
from checkout_saga.reconciliation.use_cases.differences import find_difference
from contracts.roles import OPERATORS
from kernel.http.dependencies import Write
from kernel.http.handlers import execute, show_changes
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


@dataclass(frozen=True, slots=True)
class _Handlers:
    dry_runs: DryRuns

    async def resolve_difference(
        self, difference_id: PathId, body: DifferenceResolution, write: Write, dry_run: DryRun = False
    ) -> Response:
        """Record what was decided about a difference. Only money that was found can be returned or
        assigned."""
        resolve = partial(
            differences.resolve_difference, difference_id, body.resolution, body.reason, body.payment_id
        )
        if dry_run:
            return await show_changes(write, find_difference, difference_id, resolve, self.dry_runs.show)
        return await execute(write, find_difference, difference_id, resolve, show_difference, find_difference)


def table(dry_runs: DryRuns) -> RouteTable:
    shown: Mapping[int | str, dict[str, Any]] = {
        200: {"description": "The difference; or with dry_run what would be done."}
    }
    return RouteTable(
        "reconciliations",
        (
            Route(
                "POST",
                f"{DIFFERENCES}/{{difference_id}}/resolve",
                _Handlers(dry_runs).resolve_difference,
                OPERATORS,
                DifferenceView | DryRunView,
                (DifferenceNotFound, DifferenceNotResolvable),
                keeps_keys=True,
                responses=shown,
            ),
        ),
    )
