"""Forms by which operators act: first what the action would do, then the action."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.page.form_fields import ActionForm, read_as
from checkout_saga.operations.page.rendering import render
from checkout_saga.operations.page.targets import Target, Targets
from checkout_saga.operations.page.visitors import command
from checkout_saga.operations.possible_actions import Wanted
from kernel.http.page_templates import see
from kernel.http.problems import invalid
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.visitors import Door
from kernel.unit_of_work import UnitOfWork

DO = "do"
"""The value of the field ``step`` of the second form."""


@dataclass(frozen=True, slots=True)
class Acting:
    door: Door
    dry_runs: DryRuns
    targets: Targets

    async def on_checkout(self, request: Request, checkout_id: PathId) -> Response:
        return await self._act(request, self.targets.checkout(checkout_id))

    async def on_refund(self, request: Request, order_id: PathId, refund_id: PathId) -> Response:
        return await self._act(request, self.targets.refund(order_id, refund_id))

    async def on_line(self, request: Request, order_id: PathId, line_id: PathId) -> Response:
        return await self._act(request, self.targets.line(order_id, line_id))

    async def on_review(self, request: Request, checkout_id: PathId) -> Response:
        return await self._act(request, self.targets.review(checkout_id))

    async def on_difference(self, request: Request, difference_id: PathId) -> Response:
        return await self._act(request, self.targets.difference(difference_id))

    async def _act(self, request: Request, target: Target) -> Response:
        visitor, fields = await self.door.submit(request, target.roles)
        form = read_as(ActionForm, fields)
        if form.action not in target.actions:
            raise invalid("There is no such action.", "/action")
        wanted = Wanted(form.action, form.reason, form.reference)
        write = command(request, visitor, form.version)
        use_case = await target.use_case_of(write.context, wanted)

        async def decide(work: UnitOfWork) -> Result:
            write.check(await target.find(work))
            await use_case(work)
            return Result()

        if form.step == DO:
            await write.run(decide)
            return see(target.path)
        _, changes = await write.dry_run(decide)
        shown = await self.dry_runs.show(write.context, changes)
        return render("dry_run", {"visitor": visitor, "form": form, "path": target.path, "shown": shown})
