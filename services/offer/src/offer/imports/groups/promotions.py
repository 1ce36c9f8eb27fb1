"""Import promotions by code."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork
from offer.imports.domain.errors import InvalidLine
from offer.imports.domain.report import LineReport
from offer.imports.groups.lines import ImportLine
from offer.imports.lines import parsed
from offer.promotions.domain.promotion import Promotion
from offer.promotions.schemas.promotions import NewPromotion, PromotionChange
from offer.promotions.use_cases.promotions import CODE, ChangePromotion, change_promotion, create_promotion


async def import_promotions(lines: Sequence[ImportLine], work: UnitOfWork) -> list[LineReport]:
    """Create or change a promotion for each line. What they need is read at once."""
    keys = [it.key for it in lines if it.key is not None]
    owners = await work.owners_of_keys(CODE, keys)
    await work.preload((Promotion, it) for it in owners.values())
    return [await _import(line, owners, work) for line in lines]


async def _import(line: ImportLine, owners: dict[str, UUID], work: UnitOfWork) -> LineReport:
    if line.refused is not None:
        return line.failed(line.refused)
    try:
        promotion_id = owners.get(line.key or "")
        if promotion_id is None:
            promotion = await create_promotion(parsed(NewPromotion, line.fields).terms(), work)
            return LineReport(line.number, line.key, "created", promotion.id)
        return await _change(line, promotion_id, work)
    except (Refused, InvalidLine) as refused:
        return line.failed(refused)


async def _change(line: ImportLine, promotion_id: UUID, work: UnitOfWork) -> LineReport:
    promotion = await work.open(Promotion, promotion_id)
    fields = {name: it for name, it in line.fields.items() if name != "code"}
    if fields.pop("kind", None) not in {None, promotion.terms.kind}:
        raise InvalidLine("INVALID_REQUEST", ("kind",), "The kind of a promotion does not change.")
    before = promotion.version
    change: PromotionChange = parsed(PromotionChange, fields)
    await change_promotion(ChangePromotion(promotion_id, change.fields()), work)
    return LineReport(
        line.number, line.key, "unchanged" if promotion.version == before else "changed", promotion_id
    )
