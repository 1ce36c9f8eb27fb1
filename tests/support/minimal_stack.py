"""Run the one-machine stack with minimal services, to test the stack alone.

`python -m tests.support.minimal_stack` is the supervisor; with `serve` or `serve migrate` it is one service.
"""

import asyncio
import os
import signal
import sys

import asyncpg
from rich.console import Console

from cli.errors import StackError
from devstack import settings
from devstack.report import Report
from devstack.services import Service
from devstack.supervisor import supervise

COMMAND = (sys.executable, __file__, "serve")
SETTINGS = "kernel.service.settings:ServiceSettings"
SERVICES = (
    Service("cart", "feira_cart", COMMAND, SETTINGS),
    Service("gateway", "feira_gateway", COMMAND, SETTINGS, replicable=False),
)
KEYS = """
    CREATE TABLE IF NOT EXISTS api_keys (key_hash text PRIMARY KEY, tenant text NOT NULL, role text NOT NULL,
        name text NOT NULL, created_at timestamptz NOT NULL, revoked_at timestamptz)
"""


async def migrate() -> None:
    connection = await asyncpg.connect(os.environ["FEIRA_MIGRATION_URL"])
    await connection.execute(KEYS)
    await connection.close()


async def serve() -> None:
    """Answer every request with 200 and this process's name, after a connection to its database."""
    connection = await asyncpg.connect(os.environ["FEIRA_DATABASE_URL"])
    await connection.close()
    name = os.environ["FEIRA_INSTANCE"].encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(name)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + name)
        writer.close()

    shared = os.environ.get("FEIRA_REUSE_PORT") == "1" or None
    servers = [
        await asyncio.start_server(answer, "127.0.0.1", int(os.environ["FEIRA_PORT"]), reuse_port=shared)
    ]
    if port := os.environ.get("FEIRA_ADMIN_PORT"):
        servers.append(await asyncio.start_server(answer, "127.0.0.1", int(port)))
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


def up() -> None:
    replicable = tuple(service.name for service in SERVICES if service.replicable)
    try:
        supervise(
            settings.read(replicable), Report(Console()), fresh="--fresh" in sys.argv, services=SERVICES
        )
    except StackError as problem:
        sys.exit(f"feira: {problem}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", "migrate"]:
            asyncio.run(migrate())
        case ["serve"]:
            asyncio.run(serve())
        case _:
            up()
