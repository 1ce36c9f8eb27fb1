"""A stack for the demo: run in a child process, in a fresh state directory that is removed afterwards."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from cli import addresses
from cli.errors import StackError
from cli.home import home_of
from devstack import ports
from devstack.program import bind_to_parent
from devstack.state_dir import StateDir

FEIRA = (sys.executable, "-c", "from cli.main import run; run()")
POLL_INTERVAL_SECONDS = 0.1
STOP_TIMEOUT_SECONDS = 30.0
PHASE_PREFIX = "✓"
ERROR_PREFIX = "feira: "


def own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's settings, with a state directory beside theirs, embedded servers, and free ports."""
    home = home_of(environment)
    own = {**environment, "FEIRA_HOME": str(home.with_name(f"{home.name}-demo")), "FEIRA_ENV": "local"}
    for part in ("FEIRA_KAFKA", "FEIRA_POSTGRES"):
        if own.get(part) != "docker":
            own.pop(part, None)
    # on a slow machine carts may receive new products late
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
    """The child process that runs `feira up`."""

    def __init__(self, environment: Mapping[str, str], print_line: Callable[[str], None]) -> None:
        self.home = StateDir(Path(environment["FEIRA_HOME"]))
        self._environment = environment
        self._print_line = print_line
        self._last_error = ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> addresses.Addresses:
        self._process = await asyncio.create_subprocess_exec(
            *bind_to_parent((*FEIRA, "up", "--fresh"), signal.SIGTERM),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(self._environment),
            # Ctrl-C at the terminal goes to the demo only, which then stops the stack
            start_new_session=True,
        )
        listening = asyncio.create_task(self._listen(self._process))
        while not self._is_ready(self._process.pid):
            if self._process.returncode is not None:
                await listening
                raise StackError(self._last_error or "The demo's stack exited before it was ready.")
            await asyncio.sleep(POLL_INTERVAL_SECONDS)
        return addresses.of_stack(self._environment)

    def _is_ready(self, pid: int) -> bool:
        state = self.home.read_state()
        return state is not None and state["supervisor"]["pid"] == pid and state["state"] == "ready"

    async def ended(self) -> None:
        if self._process:
            await self._process.wait()

    async def stop(self) -> None:
        """Stop it with SIGINT; kill it after a timeout or on cancellation."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            # its child processes die with it
            self._process.kill()
            raise

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Print the lines about its start, and keep its last error."""
        if process.stdout is None:
            return
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            if text.lstrip().startswith(PHASE_PREFIX):
                self._print_line(text)
            elif text.startswith(ERROR_PREFIX):
                self._last_error = text.removeprefix(ERROR_PREFIX)


@asynccontextmanager
async def own_stack(
    environment: Mapping[str, str], print_line: Callable[[str], None], *, keep_home: bool
) -> AsyncIterator[tuple[OwnStack, addresses.Addresses]]:
    """A stack for the duration of the block. Its state directory is removed afterwards, unless ``keep_home``
    is set or an exception was raised: then its logs are needed."""
    stack = OwnStack(environment, print_line)
    has_failed = False
    try:
        yield stack, await stack.start()
    except Exception:
        has_failed = True
        raise
    finally:
        await stack.stop()
        if not (keep_home or has_failed):
            with stack.home.locked():
                stack.home.clean()


async def stay_until_interrupted(stack: OwnStack, print_line: Callable[[str], None]) -> None:
    print_line(f"\nThe stack runs until Ctrl-C; use it with FEIRA_HOME={stack.home.path}.")
    # cancelled by Ctrl-C
    with suppress(asyncio.CancelledError):
        await stack.ended()
