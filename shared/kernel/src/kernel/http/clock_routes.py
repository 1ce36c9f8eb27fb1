"""Routes of the clock of a stack. Production has none of them.

Every service has the same route, and passes requests on to the one that keeps the time. What the keeper asks
of the others is no part of their interface.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from kernel.clock import move as moves
from kernel.clock.move import ClockOutOfReach, StackNotEmpty
from kernel.clock.peers import PATH as SERVICE_CLOCK
from kernel.clock.stack_clock import StackClock
from kernel.clock.state import MAX_GROUP, ClockState, Question
from kernel.http.auth import Caller
from kernel.http.clock_views import ClockMove, ClockView, ServiceClockDone, ServiceClockMove
from kernel.http.dependencies import Write
from kernel.http.problems import OUTCOME_UNKNOWN, unavailable
from kernel.http.requests import Instant, StrictRoute
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.http.shared_secret import holds_secret
from kernel.store.event_store import Transaction
from kernel.store.writing import Connection

PATH = "/v1/clock"
PASSED_ON = (
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "traceparent",
    "x-correlation-id",
)
PASSED_BACK = ("content-type", "retry-after", "idempotent-replayed", "www-authenticate")
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Handlers:
    clock: StackClock

    async def get_clock(self, request: Request, _caller: Caller) -> Any:
        """The clock of the whole stack, of all its tenants."""
        if not self.clock.is_keeper:
            return await _pass_on(request, self.clock)
        return ClockView.of(*await self.clock.survey())

    async def move_clock(self, request: Request, body: ClockMove, write: Write) -> Response:
        """Moves the clocks of all services and tenants together, forwards only. What comes due fires in the
        order of its due times. Returns when nothing is due any more, or at once if `wait` is false; the move
        is carried out in either case, also after a crash."""
        if not self.clock.is_keeper:
            return await _pass_on(request, self.clock)
        if body.reset and not (await self.clock.survey())[1].is_empty:
            raise _not_empty()

        async def act(transaction: Transaction) -> Result:
            await _record(body, transaction.connection)
            return Result({})

        recorded = await write.run_within(act)
        if recorded.status_code != 200:  # with an idempotency key, a refusal is a stored response
            return recorded
        self.clock.wake()
        if body.wait:
            await self.clock.until_still()
        move, survey = await self.clock.survey()
        if body.reset and body.wait and survey.furthest:
            raise _not_empty()
        return Result(ClockView.of(move, survey)).serialize().response()


def tables(clock: StackClock, roles: Collection[str]) -> list[RouteTable]:
    """``roles``: those of keys that may read and move the clock."""
    if not clock.is_movable:
        return []
    do = _Handlers(clock)
    rows = (
        Route("GET", PATH, do.get_clock, roles, ClockView),
        Route("POST", PATH, do.move_clock, roles, ClockView, (ClockOutOfReach, StackNotEmpty)),
    )
    return [RouteTable("operations", rows)]


def routers(clock: StackClock) -> list[APIRouter]:
    """What the keeper asks of this service."""
    return [_of_the_service(clock)] if clock.is_movable else []


def _of_the_service(clock: StackClock) -> APIRouter:
    routes = APIRouter(
        route_class=StrictRoute, dependencies=[holds_secret(clock.secret)], include_in_schema=False
    )

    @routes.get(SERVICE_CLOCK, response_model=ClockState)
    async def get_service_clock(
        known: Annotated[int, Query(ge=0, le=MAX_GROUP)],
        reached: Annotated[Instant, Query()],
        until: Annotated[Instant, Query()],
    ) -> ClockState:
        """The clock of this service alone, and what is due, in progress and unread here."""
        return await clock.own.state(Question(known, reached, until))

    @routes.post(SERVICE_CLOCK, response_model=ServiceClockDone)
    async def move_service_clock(body: ServiceClockMove) -> ServiceClockDone:
        """Moves the clock of this service alone."""
        if body.reset:
            return ServiceClockDone(done=await clock.own.reset())
        await clock.own.move(body.shift)
        return ServiceClockDone(done=True)

    return routes


async def _record(body: ClockMove, connection: Connection) -> None:
    if body.reset:
        await moves.record_reset(connection)
    elif body.advance_seconds is not None:
        await moves.record(connection, by=timedelta(seconds=body.advance_seconds))
    else:
        await moves.record(connection, to=body.to)


def _not_empty() -> StackNotEmpty:
    return StackNotEmpty("A service has recorded something; `feira up --fresh` begins with an empty stack.")


# failpoint: none needed (stack-clock)
async def _pass_on(request: Request, clock: StackClock) -> Response:
    """The response of the service that keeps the time."""
    import httpx

    headers = {it: request.headers[it] for it in PASSED_ON if it in request.headers}
    timeout = httpx.Timeout(CONNECT_SECONDS, read=None)
    try:
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
            answer = await client.request(
                request.method, clock.keeper_url + PATH, content=await request.body(), headers=headers
            )
    except httpx.ConnectError:
        raise unavailable() from None
    except httpx.TransportError:
        raise unavailable(OUTCOME_UNKNOWN) from None
    kept = {it: answer.headers[it] for it in PASSED_BACK if it in answer.headers}
    return Response(answer.content, answer.status_code, kept)
