"""Kafka's clients as all of Feira uses them: every call comes to an end, and a broken client is noticed.

The library's clients do their work in background tasks. Where one of these dies of an error that the library
did not expect (a write on a connection that has just been closed raises RuntimeError under uvloop), the calls
that need it wait for ever: some of the library's waits have no limit. Here each call of a client has one, and
ends at once when a task of its client has ended. What is left to do then is to stop it and to make another.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Collection
from functools import wraps
from typing import Any, TypeAlias, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.group import LeaveGroupRequest

LOG = structlog.get_logger()
CALL_SECONDS = 20.0
STOP_SECONDS = 5.0
LOOK_EVERY = 1.0
"""Seconds: while a call waits its client may get other tasks."""

T = TypeVar("T")
Tasks: TypeAlias = "Collection[asyncio.Task[Any]]"


class ClientBroken(KafkaError):  # type: ignore[misc]  # the library ships no types
    """The client has not answered in time, or one of its tasks has ended: only another client helps."""


async def in_time(
    call: Awaitable[T], seconds: float = CALL_SECONDS, own_tasks: Callable[[], Tasks] = tuple
) -> T:
    """What the call returns. Raises ``ClientBroken`` when the time is up, or when one of the client's own
    tasks has ended. The call is then left behind: a client that is broken may keep even a cancellation."""
    waiting = asyncio.ensure_future(call)
    deadline = time.monotonic() + seconds
    try:
        while not waiting.done():
            tasks = own_tasks()
            _none_has_ended(tasks)
            left = deadline - time.monotonic()
            if left <= 0:
                raise ClientBroken(f"no answer within {seconds:g} s")
            await asyncio.wait(
                {waiting, *tasks}, timeout=min(left, LOOK_EVERY), return_when=asyncio.FIRST_COMPLETED
            )
    finally:
        if not waiting.done():
            waiting.add_done_callback(_is_of_no_interest)
            waiting.cancel()
    if waiting.cancelled():
        raise ClientBroken("the client has cancelled the call")
    try:
        return waiting.result()
    except KafkaError:
        raise
    except RuntimeError as unexpected:
        raise ClientBroken(repr(unexpected)) from unexpected


def _none_has_ended(tasks: Tasks) -> None:
    for task in tasks:
        if task.done():
            why = "was cancelled" if task.cancelled() else repr(task.exception())
            name = getattr(task.get_coro(), "__qualname__", task.get_name())
            raise ClientBroken(f"the client's own {name} has ended: {why}")


def _is_of_no_interest(left_behind: asyncio.Future[Any]) -> None:
    if not left_behind.cancelled():
        left_behind.exception()


def _limited(call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    @wraps(call)
    async def limited(client: Any, *given: Any, **named: Any) -> T:
        wanted = named.get("timeout_ms") or 0
        return await in_time(call(client, *given, **named), CALL_SECONDS + wanted / 1000, client.own_tasks)

    return limited


def _with_limits(client: type[T]) -> type[T]:
    """Every public coroutine of the library's class, but for what the class itself defines."""
    for name, call in inspect.getmembers(client, inspect.iscoroutinefunction):
        if not name.startswith("_") and name not in vars(client):
            setattr(client, name, _limited(call))
    return client


@_with_limits
class KafkaConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # the library ships no types
    def own_tasks(self) -> Tasks:
        """Those that go on for as long as the client does."""
        return _present(
            self._client._sync_task,
            getattr(self._coordinator, "_coordination_task", None),
            getattr(self._coordinator, "_reset_committed_task", None),
            getattr(self._fetcher, "_fetch_task", None),
        )

    async def stop(self) -> None:
        await _stop(super().stop, self.own_tasks(), self._tear_down)

    def _tear_down(self) -> None:
        """A member that reads no more must not go on telling Kafka that it lives."""
        heartbeat = getattr(self._coordinator, "_heartbeat_task", None)
        refresh = getattr(self._coordinator, "_commit_refresh_task", None)
        _tear_down(self._client, [*self.own_tasks(), *_present(heartbeat, refresh)])
        self._closed = True


@_with_limits
class KafkaProducer(AIOKafkaProducer):  # type: ignore[misc]  # the library ships no types
    def own_tasks(self) -> Tasks:
        return _present(self.client._sync_task, self._sender.sender_task)

    async def stop(self) -> None:
        """What is queued still is sent before."""
        await _stop(super().stop, self.own_tasks(), self._tear_down)

    async def drop(self) -> None:
        """Stop without sending what is queued. The library has no public way to do that."""
        await _stop(self._sender.close, self.own_tasks(), self._tear_down)

    def _tear_down(self) -> None:
        _tear_down(self.client, self.own_tasks())
        self._closed = True


@_with_limits
class KafkaAdmin(AIOKafkaAdminClient):  # type: ignore[misc]  # the library ships no types
    def own_tasks(self) -> Tasks:
        return _present(self._client._sync_task)

    async def close(self) -> None:
        await _stop(super().close, self.own_tasks(), self._tear_down)

    async def remove_member(self, group: str, member_id: str, coordinator: int) -> None:
        """As if it had left by itself. The library has no public way to say so for another one."""
        await in_time(self._send_request(LeaveGroupRequest(group, member_id), coordinator))

    def _tear_down(self) -> None:
        _tear_down(self._client, self.own_tasks())
        self._closed = True


async def _stop(stop: Callable[[], Awaitable[None]], tasks: Tasks, tear_down: Callable[[], None]) -> None:
    """In order, if that can be; what cannot be stopped in time is torn down, and does nothing any more."""
    try:
        _none_has_ended(tasks)
        await in_time(stop(), STOP_SECONDS)
    except KafkaError as trouble:
        LOG.warning("kafka_client_torn_down", reason=str(trouble))
    finally:
        tear_down()


def _tear_down(client: Any, tasks: Tasks) -> None:
    for task in tasks:
        task.cancel()
    for connection in client._conns.values():
        connection.close()


def _present(*tasks: asyncio.Task[Any] | None) -> list[asyncio.Task[Any]]:
    return [it for it in tasks if it is not None]
