"""Writers in several processes and a reader that follows by position: ``python -m tests.proofs.race``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from devstack.databases import Database
from tests.proofs.verdict import Verdict, number, say
from tests.support.database import execute, migrated_database, service_pool
from tests.support.single_service import running_postgres

PROCESSES, WRITERS = 4, 3
FEWEST = 200
PAGE = "SELECT position FROM log WHERE position > $1 ORDER BY position LIMIT 1000"
CONTROL_SECONDS = 10
LINGER_MS = (0, 5, 50)
"""How long transactions of the control stay open after their inserts, in successive attempts."""
HELD_MS = 5
"""The same of the log itself: on a busy machine few transactions overlap by themselves."""
LINGER = """
    CREATE OR REPLACE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_sleep(random() * {milliseconds} / 1000.0);
        RETURN NULL;
    END $$;
    DROP TRIGGER IF EXISTS linger ON log;
    CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON log
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger();
"""


class Race(NamedTuple):
    events: int
    missed: int
    seconds: float

    def figures(self) -> dict[str, float]:
        return {
            "events": self.events,
            "missed": self.missed,
            "events_per_second": round(self.events / self.seconds, 1),
            "missed_percent": round(100 * self.missed / max(1, self.events), 2),
        }


async def race(database: Database, seconds: float, seed: int) -> Race:
    """Count the rows written, and those that the reader has missed."""
    async with service_pool(database, size=2) as pool:
        first = await pool.fetchval("SELECT coalesce(max(position), 0) FROM log")
        seen: set[int] = set()
        writing = True

        async def follow() -> None:
            last = first
            while True:
                finished = not writing
                rows = await pool.fetch(PAGE, last)
                seen.update(row["position"] for row in rows)
                last = rows[-1]["position"] if rows else last
                if finished and not rows:
                    return

        following = asyncio.create_task(follow())
        await asyncio.gather(*(_process(database, seconds, f"{seed}/{it}") for it in range(PROCESSES)))
        writing = False
        await following
        events = await pool.fetchval("SELECT count(*) FROM log WHERE position > $1", first)
        return Race(events, events - len(seen), seconds)


async def _process(database: Database, seconds: float, seed: str) -> None:
    module = ("-m", "tests.proofs.race.writers")
    arguments = database.service_url, str(seconds), str(WRITERS), seed
    child = await asyncio.create_subprocess_exec(sys.executable, *module, *arguments)
    if await child.wait() != 0:
        raise RuntimeError("a writer has failed")


async def prove(home: Path, verdict: Verdict) -> None:
    seconds = number("SECONDS", 30)
    async with running_postgres(home) as server:
        real = await migrated_database("feira_race", server)
        found = await race(real, seconds, verdict.seed)
        say(f"with the trigger: {found.figures()}")
        verdict.figures |= {"writers": PROCESSES * WRITERS, "processes": PROCESSES, "log": found.figures()}
        verdict.expect(found.missed == 0, f"the reader missed {found.missed} of {found.events} events")
        verdict.expect(found.events > FEWEST, f"only {found.events} events were written: too few for a race")

        await execute(real.superuser_url, LINGER.format(milliseconds=HELD_MS))
        held = await race(real, min(seconds, CONTROL_SECONDS), verdict.seed)
        say(f"with the trigger, lingering {HELD_MS} ms: {held.figures()}")
        verdict.figures["held_open"] = {"linger_ms": HELD_MS, **held.figures()}
        verdict.expect(held.missed == 0, f"the reader missed {held.missed} of {held.events} events held open")

        bare = await migrated_database("feira_race_bare", server)
        await execute(bare.superuser_url, "DROP TRIGGER positions_in_commit_order ON log")
        for milliseconds in LINGER_MS:
            if milliseconds:
                await execute(bare.superuser_url, LINGER.format(milliseconds=milliseconds))
            control = await race(bare, min(seconds, CONTROL_SECONDS), verdict.seed)
            say(f"without it, lingering {milliseconds} ms: {control.figures()}")
            verdict.figures["control"] = {"linger_ms": milliseconds, **control.figures()}
            if control.missed:
                return
        verdict.expect(
            False, "the control missed nothing: the race does not show on this machine, which proves nothing"
        )


if __name__ == "__main__":
    verdict = Verdict("race")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, verdict.taking_down():
        asyncio.run(prove(Path(folder) / "home", verdict))
    sys.exit(verdict.end())
