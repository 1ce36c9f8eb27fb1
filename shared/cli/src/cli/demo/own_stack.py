"""Run a stack of the demo's own in another process, in a fresh home, and leave nothing behind."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from cli.stack import client, ports
from cli.stack.errors import StackError
from cli.stack.program import bind_to_parent
from cli.stack.settings import home_of
from cli.stack.state_dir import StateDir

FEIRA = (sys.executable, "-c", "from cli.main import run; run()")
POLL_INTERVAL_SECONDS = 0.1
STOP_TIMEOUT_SECONDS = 30.0
PHASE_PREFIX = "✓"
ERROR_PREFIX = "feira: "


def own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's settings, but a home beside theirs, parts of its own, and ports that are free."""
    home = home_of(environment)
    own = {**environment, "FEIRA_HOME": str(home.with_name(f"{home.name}-demo")), "FEIRA_ENV": "local"}
    for part in ("FEIRA_KAFKA", "FEIRA_POSTGRES"):
        if own.get(part) != "docker":
            own.pop(part, None)
    # on a slow machine a cart may hear late of what has just been put on sale
    own.setdefault("FEIRA_CATALOGUE_PATIENCE_SECONDS", "5")
    if "FEIRA_PORTS" not in own:
        own["FEIRA_PORTS"] = "fixed" if _are_free(own) else "auto"
    return own


def _are_free(environment: Mapping[str, str]) -> bool:
    try:
        ports.allocate(ports.FIXED, {**environment, "FEIRA_PORTS": "fixed"})
    except StackError:
        return False
    return True


class OwnStack:
    """A stack that `feira up` runs for the demo."""

    def __init__(self, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.home = StateDir(Path(environment["FEIRA_HOME"]))
        self._environment = environment
        self._say = say
        self._last_complaint = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> client.Addresses:
        self._process = await asyncio.create_subprocess_exec(
            *bind_to_parent((*FEIRA, "up", "--fresh"), signal.SIGTERM),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self._environment),
            # a Ctrl-C at the terminal is for the demo, which then stops it in its own time
            start_new_session=True,
        )
        listening = asyncio.create_task(self._listen(self._process))
        while not self._is_ready(self._process.pid):
            if self._process.returncode is not None:
                await listening
                raise StackError(self._last_complaint or "The demo's stack ended before it was ready.")
            await asyncio.sleep(POLL_INTERVAL_SECONDS)
        return client.running(self._environment)

    def _is_ready(self, pid: int) -> bool:
        state = self.home.read_state()
        return state is not None and state["supervisor"]["pid"] == pid and state["state"] == "ready"

    async def ended(self) -> None:
        if self._process:
            await self._process.wait()

    async def stop(self) -> None:
        """Stop it as Ctrl-C does; whoever does not want to wait for that gets it killed."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            # what it has started ends with it
            self._process.kill()
            raise

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Pass on how it comes up, and keep what it complains of."""
        if process.stdout is None:
            return
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            if text.lstrip().startswith(PHASE_PREFIX):
                self._say(text)
            elif text.startswith(ERROR_PREFIX):
                self._last_complaint = text.removeprefix(ERROR_PREFIX)


@asynccontextmanager
async def own_stack(
    environment: Mapping[str, str], say: Callable[[str], None], *, keep_home: bool
) -> AsyncIterator[tuple[OwnStack, client.Addresses]]:
    """A stack for as long as the block lasts. Its home is removed afterwards, unless it is to be kept or
    somebody has to look into its logs."""
    stack = OwnStack(environment, say)
    went_wrong = False
    try:
        yield stack, await stack.start()
    except Exception:
        went_wrong = True
        raise
    finally:
        await stack.stop()
        if not (keep_home or went_wrong):
            with stack.home.locked():
                stack.home.clean()
