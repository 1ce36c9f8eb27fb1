"""Play one scene to its end, by a plan of what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from tests.proofs.simulation.agenda import MINUTE, SECOND, Agenda
from tests.proofs.simulation.chance import determined
from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.scene import Scene
from tests.proofs.simulation.services import CHECKOUT
from tests.proofs.simulation.world import World

END = 80 * MINUTE
"""The same for all, so that many can be judged as of one moment; nothing under way lasts half as long."""
GRACE = 5 * MINUTE
"""Within so much of its deadline, or of the end of the faults, a checkout has ended."""
ENDS = {"checkout.completed", "checkout.failed"}


def planned(scene: Scene) -> Plan:
    """What the scene's own seed lets go wrong."""
    return Plan.drawn(Random(f"{scene.seed}/faults"), scene.rate, scene.most_faults)


def play(scene: Scene, plan: Plan, *, telling: bool = False) -> World:
    agenda = Agenda()
    with determined(scene.seed, agenda):
        world = World(scene, plan, agenda, telling=telling)
        world.people.furnish()
        agenda.run(world.begin_at)
        plan.is_open = True
        world.people.come()
        agenda.run(world.begin_at + int(scene.healed_at * SECOND))
        world.heal()
        agenda.run(END)
        look_for_the_stuck(world)
    return world


def replay(scene: Scene, faults: Mapping[str, str], *, telling: bool = False) -> World:
    return play(scene, Plan(faults), telling=telling)


def look_for_the_stuck(world: World) -> None:
    """What has not ended in time never will, or not soon enough."""
    healed = world.begin_at + int(world.scene.healed_at * SECOND)
    for rows in world.databases[CHECKOUT].streams.values():
        if rows[0]["type"] != "checkout.started":
            continue
        last = rows[-1]
        ended = int((last["recorded_at"] - rows[0]["recorded_at"]).total_seconds() * SECOND)
        limit = max(healed, 15 * MINUTE) + GRACE
        if last["type"] not in ENDS:
            world.broken("L1", f"checkout {last['stream_id']} never ends; it stands at {last['type']}")
        elif ended > limit:
            world.broken("L1", f"checkout {last['stream_id']} took {ended // SECOND} s")
