"""A checkout that is exported somewhere stands here as it stood there, and tells what it would do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from cart.carts.domain.lock_attempt import lock_attempt_id
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.domain.names import payment_id_of
from cli.saga_export import DERIVED_STREAMS, FORMAT, LOGS, Redactor, saga_file
from contracts.message_schema import schema_of
from contracts.topics import MESSAGES
from offer.inventory.domain.reservation import reservation_id
from offer.promotions.domain.redemption import redemption_id
from offer.quotes.domain.price_check import price_check_id
from simulators.gateway import tokens
from tests.proofs.simulation import faults
from tests.proofs.simulation.decisions import NOTHING, decisions
from tests.proofs.simulation.exported import Exported, load, state
from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.random_source import determined
from tests.proofs.simulation.scheduler import SECOND, Scheduler
from tests.proofs.simulation.services import CHECKOUT
from tests.proofs.simulation.trace import lines
from tests.proofs.simulation.workload import Goods, Purchase, Workload
from tests.proofs.simulation.world import World

CHECKOUT_ID = UUID("00000000-0000-7000-8000-000000000001")


def stopped_after(seconds: float, wanted: dict[str, str], token: str = tokens.OK) -> World:
    """One purchase, left alone in the middle."""
    workload = Workload(seed=3, goods=(Goods(1999, 5),), purchases=(Purchase(0.0, ((0, 1),), token),))
    scheduler = Scheduler()
    with determined(3, 0, scheduler):
        world = World(workload, Plan(wanted), scheduler)
        world.actors.furnish()
        scheduler.run(world.begin_at)
        world.plan.is_open = True
        world.actors.come()
        scheduler.run(world.begin_at + int(seconds * SECOND))
    return world


def written(world: World, path: Path) -> Path:
    """As the command writes it, from these databases instead of real ones."""
    log = world.databases[CHECKOUT].log
    started = next(it for it in log if it.type == "checkout.started")
    checkout_id, cart_id = started.stream_id, UUID(json.loads(started.body)["cart_id"])
    streams = {checkout_id, cart_id, *(uuid5(checkout_id, it) for it in DERIVED_STREAMS)}
    rows: dict[str, list[dict[str, Any]]] = {
        service: [
            {**it._asdict(), "position": at}
            for at, it in enumerate(world.databases[service].log)
            if it.stream_id in streams or it.kind == "command"
        ]
        for service in LOGS
    }
    timers = {
        service: [
            {**it._asdict(), "payload": json.dumps(it.payload)}
            for it in world.databases[service].timers.values()
        ]
        for service in LOGS
    }
    path.write_text(json.dumps(saga_file(checkout_id, world.scheduler.now, rows, timers)))
    return path


def loaded(world: World, folder: Path) -> Exported:
    return load(written(world, folder / "saga.json"))


def decided(it: Exported) -> dict[str, tuple[str, ...]]:
    return {one.when: one.then for one in decisions(it)}


def test_the_export_has_all_streams_of_a_checkout() -> None:
    found = [uuid5(CHECKOUT_ID, it) for it in DERIVED_STREAMS]
    known = (order_id_of, payment_id_of, reservation_id, redemption_id, price_check_id, lock_attempt_id)
    assert found == [it(CHECKOUT_ID) for it in known]


def test_the_export_has_no_personal_data_but_pseudonyms() -> None:
    personal = {
        "customer_id": "mail@example.test",
        "personal": "sealed",
        "payment_token": "sealed",
        "metadata": {"note": "for Ann"},
        "reason": "Ann has called",
        "step": "lock_cart",
        "data": {"customer_id": "mail@example.test", "lines": [{"sku": "A", "options": {"text": "Ann"}}]},
        "total": 12,
    }
    assert Redactor().body(personal) == {
        "customer_id": "person-1",
        "personal": "removed",
        "payment_token": "removed",
        "metadata": {},
        "reason": "removed",
        "step": "lock_cart",
        "data": {"customer_id": "person-1", "lines": [{"sku": "A", "options": {}}]},
        "total": 12,
    }


def test_the_export_keeps_the_names_of_steps_in_both_forms() -> None:
    advanced = {"begun": ["lock_cart"], "done": [{"step": "authorize_payment", "data": {"reference": "ref"}}]}
    refused = {"refused": {"step": "confirm_price", "code": "GONE", "detail": "Ann", "data": {}}}
    kept = {"undone": ["lock_cart"], "undoing": ["reserve_stock"], "step": "lock_cart"}
    assert Redactor().body(advanced | refused | kept) == {
        "begun": ["lock_cart"],
        "done": [{"step": "authorize_payment", "data": {"reference": "removed"}}],
        "refused": {"step": "confirm_price", "code": "GONE", "detail": "removed", "data": {}},
        **kept,
    }


TIME = "2026-11-30T18:00:00.123456Z"


def test_the_export_keeps_times_and_ids_but_no_text_in_their_place() -> None:
    typed = {"until": TIME, "rule_ids": [str(CHECKOUT_ID)], "data": {"address": str(CHECKOUT_ID)}}
    assert Redactor().body(typed) == typed
    text = {"until": f"Ann, {TIME}", "address": f"{CHECKOUT_ID} Elm Street", "born": "1970-01-01"}
    assert Redactor().body(text) == dict.fromkeys(text, "removed")
    assert Redactor().body({"reference": str(CHECKOUT_ID)}) == {"reference": "removed"}


def test_the_export_keeps_each_time_and_each_id_of_every_message() -> None:
    """What is no time or no id any more could not be read."""
    kept = {"date-time": TIME, "uuid": str(CHECKOUT_ID)}
    messages = [*MESSAGES.facts.values(), *MESSAGES.commands.values()]
    typed = {(name, form) for it in messages for name, form in typed_fields(schema_of(it))}
    assert ("until", "date-time") in typed
    changed = [it for it in typed if Redactor().body({it[0]: kept[it[1]]}) != {it[0]: kept[it[1]]}]
    assert changed == []


def typed_fields(part: Any) -> Iterator[tuple[str, str]]:
    """Each property with the form of its texts, in a schema or in any part of one."""
    for it in part if isinstance(part, list) else part.values() if isinstance(part, dict) else ():
        yield from typed_fields(it)
    if isinstance(part, dict) and isinstance(properties := part.get("properties"), dict):
        for name, schema in properties.items():
            for form in ("date-time", "uuid"):
                if f"'format': '{form}'" in str(without_parts(schema)):
                    yield name, form


def without_parts(schema: Any) -> Any:
    """The schema of a property, without the properties of objects in it, which have names of their own."""
    if isinstance(schema, dict):
        return {key: without_parts(it) for key, it in schema.items() if key != "properties"}
    return [without_parts(it) for it in schema] if isinstance(schema, list) else schema


def test_a_loaded_checkout_has_its_exported_state(tmp_path: Path) -> None:
    world = stopped_after(3.0, {"call capture 1": faults.UNHEARD, "call look_up 1": faults.LOST})
    it = loaded(world, tmp_path)
    checkout = it.checkout()
    assert checkout.awaits("capture_payment")
    state_lines = list(state(checkout, it.timers, it.world.scheduler.now))
    assert any("capture_payment" in line and "started" in line for line in state_lines)
    story = list(lines(it.story()))
    assert "checkout.started" in story[0] or "cart." in story[0]
    assert not any("customer-0" in line or "tok_ok" in line for line in story)


def test_decisions_show_what_follows_from_each_outcome_of_a_capture(tmp_path: Path) -> None:
    world = stopped_after(3.0, {"call capture 1": faults.LOST, "call look_up 1": faults.LOST})
    then = decided(loaded(world, tmp_path))
    assert any("payment.captured" in it for it in then["capture is done"])
    assert any("offer.confirm_stock" in it for it in then["capture is done"])
    assert any("sets void" in it for it in then["capture is refused"])
    assert any("sets capture in 0:00:01" in it for it in then["capture times out, its outcome unknown"])
    assert any("operator_needed" in it for it in then["capture is unknown for the 8th time"])
    assert then["the deadline passes"] == (NOTHING,)
    assert then["the customer cancels"][0].startswith("refused: CHECKOUT_NOT_CANCELLABLE")
    assert any("sets capture" in it for it in then["an operator retries"])


def test_decisions_show_what_follows_from_each_reply_of_a_service(tmp_path: Path) -> None:
    world = stopped_after(1.0, {"deliver offer 1": faults.LATE})
    then = decided(loaded(world, tmp_path))
    assert any("compensation_started" in it for it in then["reserve_stock: stock.reservation_refused"])
    assert any("checkout.advanced" in it for it in then["reserve_stock: reservation.made"])
    assert any("cart.unlock" in it for it in then["the deadline passes"])


def test_decisions_show_what_ends_a_compensating_checkout(tmp_path: Path) -> None:
    world = stopped_after(
        1.0, {"call void 1": faults.LOST, "call look_up 1": faults.LOST}, tokens.CAPTURE_FAILS
    )
    then = decided(loaded(world, tmp_path))
    assert any("checkout.failed" in it for it in then["void is done"])
    assert any("operator_needed" in it for it in then["void is refused"])


def test_a_file_of_another_form_raises_value_error(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}")
    with pytest.raises(ValueError, match=FORMAT):
        load(path)
