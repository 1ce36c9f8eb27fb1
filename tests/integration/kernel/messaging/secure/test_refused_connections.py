"""A connection that either side has to refuse is refused, and the log says why."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiokafka.errors import KafkaConnectionError

from cli.errors import StackError
from cli.tail import Tail
from kernel.messaging.broker import cluster_id
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from tests.integration.kernel.messaging.group import Recorder
from tests.support.certificates import Authority
from tests.support.running import running
from tests.support.secured_kafka import SecuredKafka
from tests.support.waiting import until

CATALOGUE = "cart.catalogue"
TRIES = 3
"""A busy machine may not even get as far as a refusal in time; then the client has said nothing."""


@pytest.fixture
def client_log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    """What Kafka's client says; commands of the `feira` program keep it silent."""
    monkeypatch.setattr(logging.getLogger("aiokafka"), "propagate", True)
    caplog.set_level(logging.WARNING, logger="aiokafka")
    return caplog


async def refusal(kafka: KafkaConnection, log: pytest.LogCaptureFixture) -> str:
    for _ in range(TRIES):
        with pytest.raises(KafkaConnectionError):
            await cluster_id(kafka)
        if log.text:
            break
    return log.text


async def test_a_broker_of_an_unknown_authority_is_refused(
    secured: SecuredKafka, client_log: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    stranger = replace(secured.connection("cart"), ca_file=Authority.made_in(tmp_path).file)

    assert "certificate verify failed" in await refusal(stranger, client_log)


async def test_without_an_authority_of_its_own_a_client_trusts_those_of_the_machine(
    secured: SecuredKafka, client_log: pytest.LogCaptureFixture
) -> None:
    unknown = replace(secured.connection("cart"), ca_file=None)

    assert "certificate verify failed" in await refusal(unknown, client_log)


async def test_a_broker_under_another_name_than_that_of_its_certificate_is_refused(
    secured: SecuredKafka, client_log: pytest.LogCaptureFixture
) -> None:
    misnamed = replace(secured.connection("cart"), bootstrap=f"localhost:{secured.port}")

    assert "Hostname mismatch" in await refusal(misnamed, client_log)


async def test_a_wrong_password_and_an_unknown_user_are_refused_and_not_told(
    secured: SecuredKafka, client_log: pytest.LogCaptureFixture
) -> None:
    right = secured.connection("cart")
    for kafka in (replace(right, password="hush-hush"), replace(right, username="nobody")):
        assert "Authentication failed" in await refusal(kafka, client_log)
    assert "hush-hush" not in client_log.text
    assert right.password not in client_log.text


async def test_a_client_in_the_clear_and_one_without_a_certificate_are_refused(
    secured: SecuredKafka, client_log: pytest.LogCaptureFixture
) -> None:
    with_certificate = secured.with_certificate("cart")
    for kafka in (
        KafkaConnection(secured.connection("cart").bootstrap),
        replace(with_certificate, cert_file=None, key_file=None),
    ):
        await refusal(kafka, client_log)


@pytest.fixture
def client_logger() -> Iterator[None]:
    """The commands of the program change it for good."""
    logger = logging.getLogger("aiokafka")
    before = logger.handlers, logger.propagate
    yield
    logger.handlers, logger.propagate = before


@pytest.mark.usefixtures("client_logger")
async def test_a_command_says_why_it_cannot_connect(secured: SecuredKafka) -> None:
    operator = secured.connection("operator")
    for kafka, why in (
        (replace(operator, bootstrap=f"localhost:{secured.port}"), "Hostname mismatch"),
        (replace(operator, password="hush-hush"), "Authentication failed"),
    ):
        with pytest.raises(StackError, match=why) as refused:
            await anext(Tail(kafka, ("cart.events",)).read(1, follow=False))
        assert "hush-hush" not in str(refused.value)


@pytest.fixture
def events() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as events:
        yield events


async def test_a_consumer_that_may_not_read_one_of_its_topics_says_so_and_is_not_ready(
    secured: SecuredKafka, store: EventStore, events: list[Any]
) -> None:
    """The client alone would be silent: it is a member without partitions of that topic."""
    heartbeats = Heartbeats()
    topics = ("offer.events", "offer.commands")
    kafka = secured.connection("cart")
    consumer = Consumer(CATALOGUE, topics, [Recorder(CATALOGUE)], store, kafka, heartbeats)

    async with running(consumer.run()):
        await until(lambda: any("offer.commands" in it.get("error", "") for it in events))
        assert heartbeats.waiting()

    said = [it["error"] for it in events if it["event"] == "consumer_interrupted"]
    assert said[-1] == "TopicAuthorizationFailedError('offer.commands')"
    assert len(said) <= 5, "it pauses before it tries again"
