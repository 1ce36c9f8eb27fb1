"""The response to an imported file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from uuid import UUID

from pydantic import BaseModel

from kernel.http.descriptions import Word
from offer.imports.domain.report import LineReport, Outcome

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "ImportView": Word("What became of the lines of a file."),
        "LineView": Word("What became of a line."),
        "import_file.kind": Word("What the lines are.", "products"),
        "dry_run": Word("Whether to say what would happen, and to change nothing.", False),
        "import_id": Word("The import; null for a dry run.", "019a2b3c-0006-7000-8000-000000000001"),
        "lines": Word("The number of lines.", 2),
        "created": Word("Lines that have created something.", 1),
        "changed": Word("Lines that have changed something.", 0),
        "unchanged": Word("Lines that say what is so already.", 0),
        "failed": Word("Lines that were refused.", 1),
        "report": Word("The lines in their order."),
        "line": Word("The number of the line in the file, a header counted.", 2),
        "key": Word("What the line is about, as it is compared.", "mug-1"),
        "outcome": Word("created, changed, unchanged or failed.", "created"),
        "LineView.id": Word("The product or promotion.", "019a2b3c-0002-7000-8000-000000000002"),
        "LineView.code": Word("Why the line was refused.", None),
        "LineView.detail": Word("The same in words.", None),
        "ManyPricesBody": Word(
            "A change of many prices.",
            {
                "where": {"category": "kitchen"},
                "currency": "EUR",
                "change": {"type": "percentage", "value": 7.5},
                "round_to": 10,
            },
        ),
        "ManyPricesBody.dry_run": Word("Whether to say what would change, and to change nothing.", False),
        "ManyPricesView": Word("What became of the prices."),
        "ManyPricesView.changed": Word("Products with a changed price.", 1),
        "ManyPricesView.unchanged": Word("Products without one.", 0),
        "ManyPricesView.failed": Word("Products whose price would be too large.", 0),
        "ManyPricesBody.region": Word("The country of the prices; null: those for all.", None),
        "WhereBody": Word("The products, by at least one of the fields."),
        "where": Word("Which products.", {"category": "kitchen"}),
        "product_ids": Word("The products.", ["019a2b3c-0002-7000-8000-000000000002"]),
        "collection": Word("The slug of a collection.", "spring"),
        "WhereBody.type": Word("The kind of product.", "course"),
        "PriceRuleBody": Word("How prices change."),
        "change": Word("How the prices change.", {"type": "percentage", "value": 7.5}),
        "PriceRuleBody.type": Word("What the value is.", "percentage"),
        "PriceRuleBody.value": Word("Percent, or minor units.", 7.5),
        "round_to": Word("New prices are multiples of it.", 10),
        "price_change_id": Word("The change; null for a dry run.", "019a2b3c-0007-7000-8000-000000000001"),
        "matched": Word("Products that were selected.", 1),
        "items": Word("At most 100 of the changed products."),
        "ChangedPriceView": Word("A changed price, the first of its product."),
        "old": Word("The price before, in minor units.", 1999),
        "new": Word("The price now, in minor units.", 2150),
        "LineView.pointer": Word("The field at fault.", None),
    }
)


class LineView(BaseModel):
    line: int
    key: str | None
    outcome: Outcome
    id: UUID | None = None
    code: str | None = None
    detail: str | None = None
    pointer: str | None = None


class ImportView(BaseModel):
    import_id: UUID | None
    lines: int
    created: int
    changed: int
    unchanged: int
    failed: int
    report: list[LineView]


def show_import(import_id: UUID | None, report: Sequence[LineReport]) -> ImportView:
    counts = Counter(it.outcome for it in report)
    return ImportView(
        import_id=import_id,
        lines=len(report),
        created=counts["created"],
        changed=counts["changed"],
        unchanged=counts["unchanged"],
        failed=counts["failed"],
        report=[LineView.model_validate(asdict(it)) for it in report],
    )
