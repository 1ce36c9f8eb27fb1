"""Handle the commands of a topic: load the aggregates of the whole batch at once, then decide one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from contracts.envelope import Command
from kernel.command_routes import CommandRoute
from kernel.context import Context
from kernel.faults import failpoints
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection


class CommandHandler:
    def __init__(self, scope: str, routes: Mapping[type[Command], CommandRoute]) -> None:
        self._scope = scope
        self._routes = {command.TYPE: route for command, route in routes.items()}
        self._types = frozenset(self._routes)

    @property
    def scope(self) -> str:
        return self._scope

    @property
    def types(self) -> frozenset[str]:
        return self._types

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # other handlers write to the database themselves
    ) -> None:
        commands = [(message, message.context(), message.command()) for message in batch]
        await work.preload_for(
            (context, self._routes[message.type].everything_to_preload(command, message.tenant))
            for message, context, command in commands
        )
        await work.preload_keys_for(
            key
            for message, _, command in commands
            for key in self._routes[message.type].keys_to_preload(command, message.tenant)
        )
        await self._prepare(commands, work)
        for message, context, command in commands:
            work.switch_context(context)
            await self._routes[message.type].handler(command, work)
            failpoints.active and await failpoints.hit("command.after_obeyed", message.type)

    async def _prepare(
        self, commands: Iterable[tuple[InboundMessage, Context, Command]], work: PgUnitOfWork
    ) -> None:
        groups: dict[tuple[str, str], list[tuple[Context, Command]]] = {}
        for message, context, command in commands:
            groups.setdefault((message.tenant, message.type), []).append((context, command))
        for (_, message_type), group in groups.items():
            if prepare := self._routes[message_type].prepare:
                work.switch_context(group[0][0])
                await prepare([command for _, command in group], work)
