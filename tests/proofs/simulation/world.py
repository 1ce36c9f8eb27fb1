"""The simulated system: the services' processes, databases, broker, gateway and actors, wired together."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from kernel.context import Context
from kernel.store.changes import LogRow, Timer
from kernel.store.pg_unit_of_work import PgUnitOfWork
from offer.customers.repository import CustomerRepository
from tests.proofs.simulation.actors import Actors
from tests.proofs.simulation.broker import Topics
from tests.proofs.simulation.catalogue import Copy
from tests.proofs.simulation.consuming import Group
from tests.proofs.simulation.database import Database, Name
from tests.proofs.simulation.erasures import Erasures
from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.incidents import Incidents
from tests.proofs.simulation.ledger import Entry, Ledger
from tests.proofs.simulation.node import Node
from tests.proofs.simulation.operators import NEEDED, Operators
from tests.proofs.simulation.random_source import RandomSource
from tests.proofs.simulation.relay import SimulatedRelay
from tests.proofs.simulation.scheduler import MS, SECOND, Scheduler
from tests.proofs.simulation.services import CHECKOUT, OFFER, SERVICES
from tests.proofs.simulation.simulated_vault import SimulatedVault
from tests.proofs.simulation.timing import Timing
from tests.proofs.simulation.watch import Watch
from tests.proofs.simulation.workload import Workload


class Violation(NamedTuple):
    rule: str
    what: str


class TraceLine(NamedTuple):
    """A line of the trace; ``micros``: microseconds since the start."""

    micros: int
    who: str
    what: str


class World:
    def __init__(
        self, workload: Workload, plan: Plan, scheduler: Scheduler, *, telling: bool = False
    ) -> None:
        self.workload = workload
        self.plan = plan
        self.scheduler = scheduler
        self.random = RandomSource(workload.seed)
        self.topics = Topics()
        self.ledger = Ledger()
        self.incidents = Incidents()
        self.catalogue = Copy()
        self.violations: list[Violation] = []
        self.trace_lines: list[TraceLine] | None = [] if telling else None
        plan.teller = self.tell
        self._digest = hashlib.blake2b(digest_size=16)
        self._watch = Watch(self)
        self._dead_letters = dict.fromkeys(SERVICES, 0)
        self.databases = {it: Database() for it in SERVICES}
        self._nodes = {
            it: [Node(self, it, number + 1, self.databases[it]) for number in range(workload.replicas)]
            for it in SERVICES
        }
        self._timing = {it: Timing(self, it) for it in SERVICES}
        self._relays = {it: SimulatedRelay(self, it) for it in SERVICES}
        for service, (node, *_) in self._nodes.items():
            for name, (topics, _) in node.wired.groups.items():
                Group(self, service, name, topics)
        self.vault = SimulatedVault(self.databases[CHECKOUT])
        self.erasures = Erasures(self)
        self.actors = Actors(self)
        self.operators = Operators(self)

    def alive(self, service: str) -> list[Node]:
        return [it for it in self._nodes[service] if it.alive]

    def customers_of_offer(self) -> CustomerRepository:
        """As any process of the offer service reads them."""
        return CustomerRepository(self._nodes[OFFER][0].store.pool)

    def reading(self, service: str, tenant: str) -> PgUnitOfWork:
        """A unit of work that reads what is committed, as any process of the service would."""
        work = self._nodes[service][0].store.open_within(self.scheduler.now)
        work.switch_context(Context(tenant, "reading", "reading", "reading"))
        return work

    @property
    def gateway_is_down(self) -> bool:
        until = self.ledger.down_until
        return until is not None and self.scheduler.now < until

    def take_gateway_down(self) -> None:
        micros = self.lateness("outages", 120)
        self.ledger.down_until = self.scheduler.now + timedelta(microseconds=micros)
        self.tell("gateway", f"is down for {micros // SECOND} s")

    def lateness(self, of: str, most_seconds: int) -> int:
        """Draw a delay in microseconds: up to so many seconds, or longer where faults last long, but not
        beyond their end."""
        most = max(most_seconds, int(0.9 * self.workload.healed_at)) * SECOND
        left = self.begin_at + int(self.workload.healed_at * SECOND) - self.scheduler.micros
        return max(MS, min(left, self.random.between(of, SECOND, most)))

    def heal(self) -> None:
        """End all faults: from here on every checkout must come to its end."""
        self.plan.is_open = False
        self.ledger.down_until = None
        self.tell("everything", "works again")

    def committed(
        self,
        node: Node,
        rows: Sequence[LogRow],
        timers: Sequence[Timer],
        names: Mapping[Name, UUID | None],
    ) -> None:
        """``names``: the unique keys that have changed, with their holders."""
        position = len(node.database.log) - len(rows)
        for number, row in enumerate(rows, start=position + 1):
            line = f"{node.service} {number} {row.type} {row.version} {self.scheduler.micros} "
            self._note(line, row.stream_id.bytes + row.body)
            if row.kind == "fact":
                self._watch.recorded(row)
                if row.type == NEEDED:
                    self.operators.called_by(row.tenant, row.stream_id)
                if row.stream_id in self.actors.followed:
                    self.scheduler.after(0, partial(self.actors.on_fact, row.stream_id, row.type))
            if self.trace_lines is not None:
                self.tell(
                    node.name,
                    f"{'records' if row.kind == 'fact' else 'asks'} {row.type} {_shortened(row.body)}",
                )
        if rows:
            self._relays[node.service].wake()
        if names:
            self.operators.called(names)
        if timers:
            self._timing[node.service].saved(timers)
        for it in islice(node.database.dead_letters, self._dead_letters[node.service], None):
            self._dead_letters[node.service] += 1
            self.broken("E2" if it.reason == "gap" else "parked", f"{it.scope}: {it.reason}: {it.error}")

    def done_at_gateway(self, entry: Entry) -> None:
        self.incidents.took_effect(entry.key, self.scheduler.now)
        self.ledger.done_at[entry.number] = self.scheduler.now
        self._note(f"{entry} {self.scheduler.micros}")
        self._watch.done(entry, self.ledger)
        self.tell("gateway", f"{entry.operation}: {entry.status} {entry.amount} {entry.code or ''}")

    def broken(self, rule: str, what: str) -> None:
        self.violations.append(Violation(rule, what))
        self.tell("BROKEN", f"{rule}: {what}")

    def tell(self, who: str, what: str) -> None:
        if self.trace_lines is not None:
            self.trace_lines.append(TraceLine(self.scheduler.micros, who, what))

    def trace(self) -> str:
        """A digest of everything stored, done at the gateway and violated, in order: equal for equal runs."""
        self._note(f"{self.plan.happened} {self.violations}")
        return self._digest.hexdigest()

    def _note(self, text: str, body: bytes = b"") -> None:
        self._digest.update(text.encode())
        self._digest.update(body)

    @property
    def begin_at(self) -> int:
        """When the shops are set up and the customers start, in microseconds."""
        return 2 * SECOND


def _shortened(body: bytes) -> str:
    text = body.decode()
    return text if len(text) <= 160 else f"{text[:160]}…"
