"""Rules for looking into a stack: timelines, messages in their order, a clear word when it is down."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rich.table import Table

from cli.console import SafeConsole
from cli.tail import Message, latest
from cli.timeline import heading, timeline

FEIRA = str(Path(sys.executable).with_name("feira"))
STEPS: list[dict[str, Any]] = [
    {
        "name": "lock_cart",
        "status": "completed",
        "started_at": "2026-01-01T12:00:00Z",
        "finished_at": "2026-01-01T12:00:00.250000Z",
        "compensation": "completed",
    },
    {
        "name": "authorize_payment",
        "status": "failed",
        "started_at": "2026-01-01T12:00:01Z",
        "finished_at": "2026-01-01T12:00:31Z",
        "data": {"reference": "[bold]"},
    },
    {"name": "create_order", "status": "pending", "started_at": None, "finished_at": None},
]


CHECKOUT = {
    "checkout_id": "a",
    "cart_id": "b",
    "customer_id": "c",
    "status": "failed",
    "workflow_version": 3,
    "order_id": None,
}


def drawn(table: Table, width: int = 120) -> list[list[str]]:
    table.box = None
    console = SafeConsole(width=width, markup=False)
    with console.capture() as written:
        console.print(table)
    return [line.split() for line in written.get().splitlines()]


def test_a_timeline_counts_from_the_first_step_and_shows_compensations() -> None:
    _, lock, authorize, order = drawn(timeline(STEPS))
    assert lock == ["lock_cart", "0", "ms", "250", "ms", "completed", "completed"]
    assert authorize == ["authorize_payment", "1,000", "ms", "30.0", "s", "failed", "reference:", "[bold]"]
    assert order == ["create_order", "pending"]


def test_a_narrow_terminal_cuts_no_name_of_a_step() -> None:
    wide = [{**step, "data": {"sale": "a long text " * 10}} for step in STEPS]
    lines = drawn(timeline(wide), width=60)
    assert {step["name"] for step in STEPS} <= {words[0] for words in lines if words}


def test_the_failure_stands_above_the_timeline() -> None:
    failure = {"phase": "authorize_payment", "code": "PAYMENT_DECLINED", "detail": "no"}
    lines = heading({**CHECKOUT, "failure": failure})
    assert "failed in authorize_payment: PAYMENT_DECLINED (no)" in lines


def test_a_checkout_is_shown_with_the_version_of_its_workflow() -> None:
    assert heading({**CHECKOUT, "failure": None})[0] == "checkout a: failed, workflow 3"


def message(offset: int, recorded: str, value: bytes = b"{}") -> Message:
    return Message("cart.events", 0, offset, "key", {"ce_recordedtime": recorded}, value)


def test_the_latest_of_all_partitions_are_shown_in_the_order_of_recording() -> None:
    messages = [message(7, "2026-01-03"), message(1, "2026-01-01"), message(4, "2026-01-02")]
    assert [it.offset for it in latest(messages, 2)] == [4, 7]
    assert latest(messages, 0) == []


def test_a_record_without_recording_time_is_sorted_by_its_publication() -> None:
    stranger = Message("cart.events", 0, 9, "key", {}, b"", published_at="2026-01-02")
    messages = [message(7, "2026-01-03"), stranger, message(1, "2026-01-01")]
    assert [it.offset for it in latest(messages, 2)] == [9, 7]


def test_a_body_that_is_not_json_is_shown_as_text() -> None:
    assert message(1, "", b'{"a":1}').as_json()["body"] == {"a": 1}
    assert message(1, "", b"\xff{").as_json()["body"] == "\ufffd{"


@pytest.mark.parametrize(
    "command",
    [
        ["events", "tail"],
        ["events", "show", str(uuid4())],
        ["saga", "list", "--json"],
        ["saga", "show", str(uuid4())],
        ["projections", "list"],
        ["parked", "list"],
        ["parked", "discard", "cart/1", "--reason", "why"],
        ["saga", "retry", str(uuid4()), "--reason", "why"],
        ["status"],
        ["load"],
    ],
    ids=lambda it: " ".join(it[:2]),
)
def test_without_a_stack_each_command_prints_one_sentence(command: list[str], tmp_path: Path) -> None:
    environment = {"FEIRA_HOME": str(tmp_path)}
    done = subprocess.run(
        [FEIRA, *command], env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"feira: No stack is up in {tmp_path}; start one with `feira up`.\n"


def test_help_names_every_command() -> None:
    text = subprocess.run([FEIRA, "--help"], check=True, capture_output=True, text=True, timeout=60).stdout
    for name in ("up", "clean", "demo", "status", "events", "saga", "parked", "projections", "load"):
        assert name in text
