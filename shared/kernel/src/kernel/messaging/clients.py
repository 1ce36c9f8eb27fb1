"""Kafka's clients with a timeout on every call, and with detection of a broken client.

The library's clients work in background tasks. If one of these dies of an error that the library did not
expect (a write on a connection that has just been closed raises RuntimeError under uvloop), the calls that
need it never return: some of the library's waits have no timeout. Here each call of a client has a timeout,
and ends at once when a task of its client has ended. Such a client has to be stopped and replaced.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import wraps
from typing import Any, TypeAlias, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError, for_code
from aiokafka.protocol.admin import CreateAclsRequest
from aiokafka.protocol.group import LeaveGroupRequest

LOG = structlog.get_logger()
CALL_TIMEOUT = 20.0
STOP_TIMEOUT = 5.0
TASK_CHECK_SECONDS = 1.0
"""Interval between two checks of the client's tasks: while a call waits, its client may start new ones."""

RESOURCES: Mapping[str, int] = {"topic": 2, "group": 3}
OPERATIONS: Mapping[str, int] = {"Read": 3, "Write": 4, "Describe": 8}
LITERAL, ALLOW = 3, 3
"""Numbers of Kafka's protocol."""

T = TypeVar("T")
Tasks: TypeAlias = "Collection[asyncio.Task[Any]]"


class ClientBroken(KafkaError):  # type: ignore[misc]  # the library ships no types
    """A call has timed out, or a task of the client has ended. The client has to be replaced."""


async def with_timeout(
    call: Awaitable[T], seconds: float = CALL_TIMEOUT, own_tasks: Callable[[], Tasks] = tuple
) -> T:
    """Await the call. Raises ``ClientBroken`` after ``seconds``, or when one of the client's own tasks has
    ended. The call is cancelled then, but not awaited: a broken client may suppress the cancellation."""
    pending = asyncio.ensure_future(call)
    deadline = time.monotonic() + seconds
    try:
        while not pending.done():
            tasks = own_tasks()
            _check_running(tasks)
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise ClientBroken(f"no answer within {seconds:g} s")
            await asyncio.wait(
                {pending, *tasks},
                timeout=min(remaining, TASK_CHECK_SECONDS),
                return_when=asyncio.FIRST_COMPLETED,
            )
    finally:
        if not pending.done():
            pending.add_done_callback(_ignore_result)
            pending.cancel()
    if pending.cancelled():
        raise ClientBroken("the client cancelled the call")
    try:
        return pending.result()
    except KafkaError:
        raise
    except RuntimeError as error:
        raise ClientBroken(repr(error)) from error


def _check_running(tasks: Tasks) -> None:
    for task in tasks:
        if task.done():
            error = "cancelled" if task.cancelled() else repr(task.exception())
            name = getattr(task.get_coro(), "__qualname__", task.get_name())
            raise ClientBroken(f"the client's task {name} has ended: {error}")


def _ignore_result(abandoned: asyncio.Future[Any]) -> None:
    """Retrieve the exception, or asyncio logs that nothing did."""
    if not abandoned.cancelled():
        abandoned.exception()


def _limited(call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    @wraps(call)
    async def limited(client: Any, *args: Any, **kwargs: Any) -> T:
        seconds = CALL_TIMEOUT + (kwargs.get("timeout_ms") or 0) / 1000
        return await with_timeout(call(client, *args, **kwargs), seconds, client.own_tasks)

    return limited


def _with_timeouts(client: type[T]) -> type[T]:
    """Limit every public coroutine that the class inherits from the library's."""
    for name, call in inspect.getmembers(client, inspect.iscoroutinefunction):
        if not name.startswith("_") and name not in vars(client):
            setattr(client, name, _limited(call))
    return client


@_with_timeouts
class KafkaConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # the library ships no types
    def own_tasks(self) -> Tasks:
        """The background tasks that run for the client's whole life."""
        return _present(
            self._client._sync_task,
            getattr(self._coordinator, "_coordination_task", None),
            getattr(self._coordinator, "_reset_committed_task", None),
            getattr(self._fetcher, "_fetch_task", None),
        )

    def check_topics(self, topics: Collection[str]) -> None:
        """Raises ``TopicAuthorizationFailedError`` for those that the broker refuses to this user, as far as
        the client knows. The library gives a member no partitions of them, and goes on without a word."""
        if refused := self._client.cluster.unauthorized_topics.intersection(topics):
            raise TopicAuthorizationFailedError(", ".join(sorted(refused)))

    async def stop(self) -> None:
        await _stop(super().stop, self.own_tasks(), self._tear_down)

    def _tear_down(self) -> None:
        """Ends the heartbeat, too: a member that has stopped reading must not keep its partitions."""
        heartbeat = getattr(self._coordinator, "_heartbeat_task", None)
        refresh = getattr(self._coordinator, "_commit_refresh_task", None)
        _tear_down(self._client, [*self.own_tasks(), *_present(heartbeat, refresh)])
        self._closed = True


@_with_timeouts
class KafkaProducer(AIOKafkaProducer):  # type: ignore[misc]  # the library ships no types
    def own_tasks(self) -> Tasks:
        return _present(self.client._sync_task, self._sender.sender_task)

    async def stop(self) -> None:
        """Sends the queued records first."""
        await _stop(super().stop, self.own_tasks(), self._tear_down)

    async def drop(self) -> None:
        """Stop without sending the queued records. The library has no public method for this."""
        await _stop(self._sender.close, self.own_tasks(), self._tear_down)

    def _tear_down(self) -> None:
        _tear_down(self.client, self.own_tasks())
        self._closed = True


@_with_timeouts
class KafkaAdmin(AIOKafkaAdminClient):  # type: ignore[misc]  # the library ships no types
    def own_tasks(self) -> Tasks:
        return _present(self._client._sync_task)

    async def close(self) -> None:
        await _stop(super().close, self.own_tasks(), self._tear_down)

    async def allow(self, user: str, resource: str, name: str, operation: str) -> None:
        """Let the user do this (one of ``OPERATIONS``) with the topic or group of exactly this name, from
        every host. The library has no public method for this. Raises ``KafkaError``."""
        right = (RESOURCES[resource], name, LITERAL, f"User:{user}", "*", OPERATIONS[operation], ALLOW)
        response = await with_timeout(self._send_request(CreateAclsRequest(*right)))
        for code, text in response.creation_responses:
            if code:
                raise for_code(code)(text)

    async def remove_member(self, group: str, member_id: str, coordinator: int) -> None:
        """Send the member's leave request for it. The library has no public method for this."""
        await with_timeout(self._send_request(LeaveGroupRequest(group, member_id), coordinator))

    def _tear_down(self) -> None:
        _tear_down(self._client, self.own_tasks())
        self._closed = True


async def _stop(stop: Callable[[], Awaitable[None]], tasks: Tasks, tear_down: Callable[[], None]) -> None:
    """Stop gracefully within ``STOP_TIMEOUT``; afterwards close connections and cancel tasks in any case."""
    try:
        _check_running(tasks)
        await with_timeout(stop(), STOP_TIMEOUT)
    except KafkaError as error:
        LOG.warning("kafka_client_torn_down", reason=str(error))
    finally:
        tear_down()


def _tear_down(client: Any, tasks: Tasks) -> None:
    for task in tasks:
        task.cancel()
    for connection in client._conns.values():
        connection.close()


def _present(*tasks: asyncio.Task[Any] | None) -> list[asyncio.Task[Any]]:
    return [task for task in tasks if task is not None]
