"""The route that takes files of products, stock, prices and promotions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from fastapi import Query, Request, Response

from contracts.roles import ADMINS
from kernel import ids
from kernel.http.dependencies import Write
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.imports.domain.report import Import, LineReport
from offer.imports.groups.lines import ImportLine, groups_of, with_keys
from offer.imports.kinds import KINDS, Kind
from offer.imports.lines import CSV, NDJSON, read_lines, unsupported
from offer.imports.schemas import ImportView, show_import

KindName = Literal["products", "stock", "prices", "promotions"]


async def import_file(
    kind: KindName, request: Request, write: Write, dry_run: Annotated[bool, Query()] = False
) -> Response:
    """Create and change many products, stocks, prices or promotions by a file, CSV or JSON lines. Each line
    succeeds or fails by itself; a repeated file changes nothing."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {CSV, NDJSON}:
        raise unsupported(media_type)
    wanted = KINDS[kind]
    lines = with_keys(read_lines(await request.body(), media_type, wanted.columns), wanted.key)
    if dry_run:
        return await write.preview(partial(_preview, wanted, lines))

    async def save_groups() -> list[LineReport]:
        report: list[LineReport] = []
        for group in groups_of(lines):
            report += await write.save(partial(wanted.save, group))
        return report

    async def complete(report: list[LineReport], work: UnitOfWork) -> Result:
        made = work.create(Import, ids.new_id())
        made.complete(kind, report)
        return Result(show_import(made.id, report))

    return await write.run_after(save_groups, complete)


async def _preview(kind: Kind, lines: Sequence[ImportLine], work: UnitOfWork) -> Result:
    report: list[LineReport] = []
    for group in groups_of(lines):
        report += await kind.save(group, work)
    return Result(show_import(None, report))


PATH = "/v1/imports/{kind}"
FILES = {
    CSV: "sku,currency,amount\nMUG-1,EUR,1200\n",
    NDJSON: '{"sku": "MUG-1", "currency": "EUR", "amount": 1200}\n',
}
ROUTES = RouteTable("imports", (Route("POST", PATH, import_file, ADMINS, ImportView, bodies=FILES),))
