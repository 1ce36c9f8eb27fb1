"""Steps that are asked of another service over Kafka, which answers that it has done nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from benchmarks.idle_saga import IdleCheckout, Sagas
from contracts import cart
from contracts.envelope import Command
from kernel import ids
from kernel.command_routes import CommandRoute, PreloadKey
from kernel.domain import Aggregate
from kernel.messaging.commands import CommandHandler
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from kernel.unit_of_work import UnitOfWork

ASKING, ANSWERING = "asking", "answering"


def by_message(it: IdleCheckout, step: str, work: UnitOfWork) -> bool:
    """What another service is asked for: the intent and the command are one commit."""
    it.start_step(step)
    work.send(cart.Hold(checkout_id=it.id, step=step, cart_id=it.id), it.id)
    return False


class Answers:
    """How the checkout service takes answers in."""

    scope = ASKING
    types = frozenset({cart.Held.TYPE})

    def __init__(self, sagas: Sagas) -> None:
        self._sagas = sagas

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        session: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # nothing else is written
    ) -> None:
        for _, group in groupby(batch, key=lambda it: it.tenant):
            answers = [(it.context(), it.fact()) for it in group]
            session.switch_context(answers[0][0])
            await session.preload(
                (IdleCheckout, it.process_id) for _, it in answers if isinstance(it, cart.Held)
            )
            for context, it in answers:
                session.switch_context(context)
                if isinstance(it, cart.Held):
                    await self._sagas.on_done(it.process_id, it.step, session)


class Other(Aggregate):
    """What the other service keeps of one saga: nothing but its answers."""

    def initialise(self) -> None:
        """There is nothing to remember."""

    def evolve(self, fact: Any) -> None:
        """Nothing changes."""


async def _obey(command: cart.Hold, work: UnitOfWork) -> None:
    it = await work.open(Other, _other(command))
    it.record(cart.Held(checkout_id=command.process_id, step=command.step))


def answering() -> CommandHandler:
    return CommandHandler(ANSWERING, {cart.Hold: CommandRoute(_obey, _needs)})


def _needs(command: Command) -> PreloadKey:
    yield Other, _other(command)


def _other(command: Command) -> UUID:
    return ids.derive_id(command.process_id, "other")
