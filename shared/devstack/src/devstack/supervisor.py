"""Run a stack in the foreground until a signal, and leave no process behind."""

import asyncio
import logging
import os
import signal
from logging.handlers import RotatingFileHandler

from cli.errors import StackError
from devstack import stale_processes
from devstack.log_rotation import KEEP, MAX_BYTES
from devstack.report import Report
from devstack.services import SERVICES, Service
from devstack.settings import Settings
from devstack.stack import Stack
from devstack.state_dir import StateDir

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

log = logging.getLogger(__name__)


def supervise(
    settings: Settings,
    report: Report,
    *,
    fresh: bool = False,
    services: tuple[Service, ...] = SERVICES,
) -> None:
    """Lock the state directory, run the stack in it, and return once it has stopped. Raises
    ``StackError``."""
    os.umask(0o077)
    home = StateDir(settings.home)
    home.prepare()
    with home.locked():
        home.restrict_permissions()
        ended = stale_processes.terminate_all(home.path)
        home.remove_state()
        if fresh:
            home.clean(keep_lock=True)
            home.prepare()
        _log_into(home)
        if ended:
            log.warning("stale_processes_terminated: %s", ", ".join(ended))
        asyncio.run(_run(Stack(settings, home, services, report), report))


async def _run(stack: Stack, report: Report) -> None:
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            log.warning("second_signal_received: all processes are killed")
            stack.kill()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal)
    starting, stopping = asyncio.create_task(stack.start()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            log.info("ready")
            report.ready(stack.describe())
            await stopping
    except StackError as problem:
        log.error("stack_failed: %s", problem)
        raise
    finally:
        log.info("stopping")
        for task in (starting, stopping):
            task.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        await stack.stop()
        log.info("stopped")


def _log_into(home: StateDir) -> None:
    handler = RotatingFileHandler(home.logs / "supervisor.log", maxBytes=MAX_BYTES, backupCount=KEEP)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))
    logger = logging.getLogger(__package__)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
