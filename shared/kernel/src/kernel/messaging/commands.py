"""Obey the commands of a topic: load what the whole batch needs at once, then decide one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.envelope import Command
from kernel.command_routes import CommandRoute
from kernel.faults import failpoints
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection


class CommandHandler:
    def __init__(self, scope: str, obeyed: Mapping[type[Command], CommandRoute]) -> None:
        self._scope = scope
        self._obeyed = {kind.TYPE: it for kind, it in obeyed.items()}
        self._types = frozenset(self._obeyed)

    @property
    def scope(self) -> str:
        return self._scope

    @property
    def types(self) -> frozenset[str]:
        return self._types

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        session: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # others write to the database themselves
    ) -> None:
        commands = [(it, it.context(), it.command()) for it in batch]
        await session.preload_for(
            (context, self._obeyed[it.type].everything_to_preload(command, it.tenant))
            for it, context, command in commands
        )
        for it, context, command in commands:
            session.switch_context(context)
            await self._obeyed[it.type].handler(command, session)
            failpoints.active and await failpoints.hit("command.after_obeyed", it.type)
