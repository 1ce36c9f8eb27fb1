"""TCP ports of the stack's parts: fixed, free, or set one by one."""

import errno
import os
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from cli.errors import StackError
from contracts import topology

HOST = "127.0.0.1"
FIXED = {it.name: it.port for it in (*topology.STACK, *topology.WORKERS)} | dict(
    (*topology.SIMULATED_PROVIDERS, *topology.INFRASTRUCTURE_PORTS)
)
# below the ephemeral range: a client that retries the port of a stopped server could otherwise be assigned
# that port as its own source port, and keep the server from binding it
FREE = range(20_000, 32_000)
FREE_PORTS = "FEIRA_FREE_PORTS"
"""Setting with another range, such as ``20000-24999``, so that stacks started concurrently do not collide."""
EPHEMERAL_RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def address_of(port: int) -> str:
    return f"{HOST}:{port}"


def setting_of(part: str) -> str:
    return f"FEIRA_PORT_{part.upper().replace('-', '_')}"


def allocate(parts: Iterable[str], environment: Mapping[str, str]) -> dict[str, int]:
    """The port of each part. Raises ``StackError`` for a port that is in use or set twice."""
    mode = environment.get("FEIRA_PORTS", "fixed")
    if mode not in ("fixed", "auto"):
        raise StackError(f"FEIRA_PORTS is fixed or auto, not {mode!r}.")
    ports: dict[str, int] = {}
    for part in parts:
        if own := environment.get(setting_of(part)):
            ports[part] = _require_free(part, _number(setting_of(part), own))
        elif mode == "fixed":
            ports[part] = _require_free(part, FIXED[part])
    for part in parts:
        if part not in ports:
            ports[part] = free(excluding=ports.values())
    if twice := {port for port in ports.values() if list(ports.values()).count(port) > 1}:
        raise StackError(f"Port {min(twice)} is set for more than one part.")
    return ports


def free(excluding: Iterable[int] = ()) -> int:
    """A random port on which no process listens."""
    taken = set(excluding)
    for _ in range(1_000):
        port = random.choice(_range())  # noqa: S311 - to keep stacks apart, not to be secret
        if port not in taken and _is_free(port):
            return port
    raise StackError("No free port was found on this machine.")


def _range() -> range:
    if text := os.environ.get(FREE_PORTS):
        first, _, last = text.partition("-")
        if allowed := range(_number(FREE_PORTS, first), _number(FREE_PORTS, last) + 1):
            return allowed
        raise StackError(f"{FREE_PORTS} is a range such as 20000-24999, not {text!r}.")
    try:
        lowest = int(EPHEMERAL_RANGE_FILE.read_text().split()[0])
    except (OSError, ValueError):
        lowest = FREE.stop
    return range(FREE.start, min(FREE.stop, lowest)) if lowest > FREE.start + 1_000 else FREE


def _number(setting: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise StackError(f"{setting} is a port from 1 to 65535, not {text!r}.")
    return int(text)


def _require_free(part: str, port: int) -> int:
    if not _is_free(port):
        raise StackError(
            f"Port {port} for {part} is taken{_describe_owner(port)}; stop that program, "
            f"set {setting_of(part)} to another port, or set FEIRA_PORTS=auto."
        )
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # as the servers do: sockets in TIME_WAIT do not count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as problem:
            if problem.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
        return True


def _describe_owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.laddr
                and connection.laddr.port == port
                and connection.status == psutil.CONN_LISTEN
                and connection.pid
            ):
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""
