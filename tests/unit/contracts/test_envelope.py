"""The envelope knows processes and steps; a family of messages may name the process differently in JSON."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from types import ModuleType
from uuid import uuid4

import orjson
import pytest
from pydantic import ValidationError

from contracts import envelope, registry
from contracts.cart import Unlock
from contracts.envelope import Command, Fact, Part, Reply
from contracts.message_schema import schema_of
from contracts.registry import MessageRegistry, TopicMessages

PROCESS = uuid4()


class Extend(Command):
    TYPE = "access.extend"

    months: int


class Extended(Reply):
    TYPE = "access.extended"


def refused_fields(kind: type[Command], body: Mapping[str, object]) -> set[tuple[str, str]]:
    """Field and error type of each reason why the JSON body is refused."""
    with pytest.raises(ValidationError) as refused:
        kind.model_validate_json(orjson.dumps(body))
    return {(str(it["loc"][0]), it["type"]) for it in refused.value.errors()}


@pytest.mark.parametrize("module", [envelope, registry])
def test_the_envelope_and_the_registry_do_not_mention_a_checkout(module: ModuleType) -> None:
    assert "checkout" not in inspect.getsource(module).lower()


def test_a_command_of_the_platform_has_a_process_id_in_json() -> None:
    body = {"process_id": str(PROCESS), "step": "extend", "months": 12}

    command = Extend.model_validate_json(orjson.dumps(body))

    assert (command.process_id, command.step) == (PROCESS, "extend")
    assert orjson.loads(command.body()) == body


def test_a_command_of_the_platform_refuses_a_checkout_id() -> None:
    body = {"checkout_id": str(PROCESS), "step": "extend", "months": 12}

    assert refused_fields(Extend, body) == {("process_id", "missing"), ("checkout_id", "extra_forbidden")}


def test_a_command_of_a_checkout_has_a_checkout_id_in_json() -> None:
    body = {"checkout_id": str(PROCESS), "step": "lock_cart", "cart_id": str(uuid4()), "reason": "a test"}

    command = Unlock.model_validate_json(orjson.dumps(body))

    assert command.process_id == PROCESS
    assert orjson.loads(command.body()) == body


def test_a_command_of_a_checkout_refuses_a_process_id() -> None:
    body = {"process_id": str(PROCESS), "step": "lock_cart", "cart_id": str(uuid4()), "reason": "a test"}

    assert refused_fields(Unlock, body) == {("checkout_id", "missing"), ("process_id", "extra_forbidden")}


def test_schemas_name_the_business_key_as_json_does() -> None:
    assert schema_of(Extend)["required"] == ["months", "process_id", "step"]
    assert schema_of(Unlock)["required"] == ["cart_id", "checkout_id", "reason", "step"]


def test_a_registry_of_its_own_knows_no_message_of_another_business() -> None:
    messages = MessageRegistry(
        [
            TopicMessages("access.commands", "/feira/renewal", (Extend,)),
            TopicMessages("access.events", "/feira/access", (Extended,)),
        ]
    )

    assert messages.find(Extend.TYPE) is Extend
    assert messages.facts_on("access.events") == [Extended.TYPE]
    assert messages.find(Unlock.TYPE) is None


class Period(Part):
    months: int
    free: bool = False


class Prolonged(Fact):
    TYPE = "access.prolonged"

    period: Period


class Prolong(Command):
    TYPE = "access.prolong"

    period: Period


def test_a_part_refuses_an_unknown_field_where_it_is_constructed() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Period(months=1, fre=True)  # type: ignore[call-arg]  # a misspelt field
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Prolonged(period={"months": 1, "fre": True})  # type: ignore[arg-type]  # as untyped code would


def test_a_reader_ignores_the_unknown_fields_of_a_part() -> None:
    stored = {"months": 1, "added_later": "x"}

    assert Period.read(stored) == Period(months=1)
    fact = Prolonged.read({"period": stored}, uuid4(), 1, datetime(2026, 1, 1, tzinfo=UTC))
    assert fact.period == Period(months=1)


def test_a_received_command_may_have_parts_of_a_later_version_and_no_unknown_field_of_its_own() -> None:
    body = {"process_id": str(PROCESS), "step": "prolong", "period": {"months": 1, "added_later": "x"}}

    assert Prolong.read(orjson.dumps(body)).period == Period(months=1)
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Prolong.read(orjson.dumps(body | {"added_later": "x"}))
    with pytest.raises(ValidationError, match="missing"):
        Prolong.read(orjson.dumps(body | {"period": {"added_later": "x"}}))


def test_schemas_tell_readers_nothing_about_unknown_fields_of_parts() -> None:
    assert "additionalProperties" not in schema_of(Prolonged)["$defs"]["Period"]
    assert "additionalProperties" not in schema_of(Prolong)["$defs"]["Period"]
