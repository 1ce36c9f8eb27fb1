"""The academy's figures as tables and as JSON."""

from typing import Any

from rich.table import Table

from demo.academy.figures import Figures
from demo.academy.opening import BUDGET
from demo.chart import bar
from demo.figures import dollars


def variants_table(figures: Figures) -> Table:
    """The variants of the offer, with how many of the sessions that saw one bought."""
    table = Table(
        title="The academy: its offer, in two variants", title_justify="left", box=None, pad_edge=False
    )
    for heading in ("variant", "shown to", "bought by", "rate"):
        table.add_column(heading, justify="left" if heading == "variant" else "right")
    table.add_column("", no_wrap=True)
    for it in figures.variants:
        rate = f"{100 * it.conversions / it.exposures:.0f} %" if it.exposures else "-"
        shown = bar(it.conversions, it.exposures)
        table.add_row(it.name, f"{it.exposures:,}", f"{it.conversions:,}", rate, shown)
    return table


def budget_line(figures: Figures) -> str:
    return f"The campaign has used {dollars(figures.budget_used)} of its budget of {dollars(BUDGET)}."


def as_json(figures: Figures) -> dict[str, Any]:
    return {
        "variants": [
            {"name": it.name, "exposures": it.exposures, "conversions": it.conversions}
            for it in figures.variants
        ],
        "checks": [
            {"what": it.what, "wanted": it.wanted, "found": it.found, "holds": it.holds}
            for it in figures.checks
        ],
        "ledger": dict(figures.ledger),
        "campaign": {"budget": BUDGET, "used": figures.budget_used, "held": figures.budget_held},
    }
