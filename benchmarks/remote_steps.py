"""Steps as commands to another service over Kafka, which replies without doing anything."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from benchmarks.idle_saga import IdleCheckout, Sagas
from contracts import cart
from contracts.envelope import Command
from kernel import ids
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.domain import Aggregate
from kernel.messaging.commands import CommandHandler
from kernel.messaging.inbound import InboundMessage
from kernel.process.workflow import Action, Send
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from kernel.unit_of_work import UnitOfWork

SAGA, PARTICIPANT = "saga", "participant"


def by_command(step: str, checkout: IdleCheckout) -> Action:
    """A step of another service: its start and the command are one commit."""
    return Send(cart.Hold(checkout_id=checkout.id, step=step, cart_id=checkout.id), checkout.id)


class Replies:
    """Handles replies as the checkout service does."""

    scope = SAGA
    types = frozenset({cart.Held.TYPE})

    def __init__(self, sagas: Sagas) -> None:
        self._sagas = sagas

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # nothing else is written
    ) -> None:
        for _, group in groupby(batch, key=lambda it: it.tenant):
            replies = [(it.context(), it.fact()) for it in group]
            work.switch_context(replies[0][0])
            await work.preload(
                (IdleCheckout, it.process_id) for _, it in replies if isinstance(it, cart.Held)
            )
            for context, reply in replies:
                work.switch_context(context)
                if isinstance(reply, cart.Held):
                    await self._sagas.on_reply(reply.process_id, reply.step, work)


class Participant(Aggregate):
    """The other service's aggregate for one saga: it records its replies only."""

    def initialise(self) -> None:
        """It has no state."""

    def evolve(self, fact: Any) -> None:
        """Nothing changes."""


async def _handle(command: cart.Hold, work: UnitOfWork) -> None:
    participant = await work.open(Participant, _participant_id(command))
    participant.record(cart.Held(checkout_id=command.process_id, step=command.step))


def participant() -> CommandHandler:
    return CommandHandler(PARTICIPANT, {cart.Hold: CommandRoute(_handle, _keys)})


def _keys(command: Command) -> PreloadKeys:
    yield Participant, _participant_id(command)


def _participant_id(command: Command) -> UUID:
    return ids.derive_id(command.process_id, "participant")
