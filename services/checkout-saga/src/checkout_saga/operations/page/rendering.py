"""Writes the pages of operators from their templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from checkout_saga.operations.page.visitors import PATH
from kernel.http.page_templates import PageTemplates
from pricing.money import show


def _moment(it: datetime | None) -> str:
    return f"{it:%Y-%m-%d %H:%M:%S}" if it else ""


def _amount(it: Mapping[str, Any]) -> str:
    return show(it["amount"], it["currency"], "en_US")


TEMPLATES = PageTemplates(
    Path(__file__).parent / "templates",
    PATH,
    "operator.css",
    {
        "moment": _moment,
        "amount": _amount,
        "as_json": lambda it: json.dumps(it, indent=1, default=str),
    },
)
render = TEMPLATES.render
