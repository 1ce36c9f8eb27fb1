"""The routes of the pages of operators."""

from __future__ import annotations

from fastapi import APIRouter

from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.page.acting import Acting
from checkout_saga.operations.page.parked import ParkedPages
from checkout_saga.operations.page.reading import Reading
from checkout_saga.operations.page.rendering import TEMPLATES
from checkout_saga.operations.page.targets import Targets
from checkout_saga.operations.page.visitors import ADMITTED, COOKIE, PATH
from checkout_saga.operations.triage import Triages
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.settings import CheckoutSettings
from kernel.http.visited_pages import router_of_pages
from kernel.http.visitors import Door
from kernel.messaging.dead_letters.admin import DeadLetterAdmin
from kernel.store.event_store import EventStore


def router(
    settings: CheckoutSettings,
    store: EventStore,
    provider: PaymentProvider,
    dry_runs: DryRuns,
    triages: Triages,
    dead_letters: DeadLetterAdmin,
) -> APIRouter:
    is_production = settings.env == "production"
    door = Door(store, settings.link_keys, is_production, cookie=COOKIE, path=PATH, admitted=ADMITTED)
    routes = router_of_pages(door, TEMPLATES)
    reading = Reading(store, door, triages)
    acting = Acting(door, dry_runs, Targets(store, provider))
    parked = ParkedPages(store, door, dead_letters)
    for path, show in (
        ("", reading.show_attention),
        ("/checkouts", reading.show_checkouts),
        ("/checkouts/{checkout_id}", reading.show_one_checkout),
        ("/orders/{order_id}/refunds/{refund_id}", reading.show_refund),
        ("/orders/{order_id}/lines/{line_id}", reading.show_line),
        ("/reviews/{checkout_id}", reading.show_review),
        ("/differences/{difference_id}", reading.show_difference),
        ("/parked", parked.show_all),
        ("/parked/{parked_id}", parked.show_one),
    ):
        routes.add_api_route(f"{PATH}{path}", show, methods=["GET"])
    for path, act in (
        ("/checkouts/{checkout_id}", acting.on_checkout),
        ("/orders/{order_id}/refunds/{refund_id}", acting.on_refund),
        ("/orders/{order_id}/lines/{line_id}", acting.on_line),
        ("/reviews/{checkout_id}", acting.on_review),
        ("/differences/{difference_id}", acting.on_difference),
        ("/parked/{parked_id}", parked.act),
    ):
        routes.add_api_route(f"{PATH}{path}", act, methods=["POST"])
    return routes
