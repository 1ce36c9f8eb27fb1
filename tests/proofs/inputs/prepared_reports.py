"""Saved questions and subscriptions to reports that exist."""

from __future__ import annotations

from uuid import uuid4

from tests.end_to_end.shop_client import Shop

COUNT = 10
SAVED, REPORTS = "/v1/analytics/saved-questions", "/v1/analytics/report-subscriptions"


def prepare_reports(shop: Shop) -> dict[str, list[str]]:
    """By the names of the parameters; some calls delete them."""
    questions = [
        shop.post("projections", SAVED, "admin", {"name": uuid4().hex, "question": "conversion"})
        for _ in range(COUNT)
    ]
    saved = [it["saved_question_id"] for it in questions]
    daily = {"address": "ann@example.com", "every": "daily", "hour": 8, "time_zone": "UTC"}
    subscriptions = [
        shop.post("projections", REPORTS, "admin", {**daily, "saved_question_id": it}) for it in saved
    ]
    return {"saved_question_id": saved, "subscription_id": [it["subscription_id"] for it in subscriptions]}
