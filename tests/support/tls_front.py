"""A front of PostgreSQL that speaks TLS to clients, for the embedded server, which is built without it.

It answers as a server with ``hostssl`` alone does: who does not ask for TLS gets no connection.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from devstack import ports
from tests.support.certificates import Authority

REQUEST = struct.Struct("!II")
TLS_WANTED, GSSAPI_WANTED = 80877103, 80877104
CHUNK = 65_536
CLOSED = (OSError, asyncio.IncompleteReadError, ssl.SSLError)


class TlsFront:
    def __init__(self, authority: Authority, port: int, server: int) -> None:
        self.authority, self.port = authority, port
        self.encrypted = 0
        """Connections so far that were encrypted; others are closed."""
        self._server = server
        self._context = _context(authority)

    def renew(self, authority: Authority) -> None:
        """Connections that begin from now on see a certificate of this authority."""
        self._context = _context(authority)

    def url(self, server_url: str) -> str:
        """The URL of the same database through this front, for a client that checks who it is."""
        parts = urlsplit(server_url)
        user = parts.netloc.rpartition("@")[0]
        query = f"sslmode=verify-full&sslrootcert={self.authority.file}"
        return parts._replace(netloc=f"{user}@{ports.HOST}:{self.port}", query=query).geturl()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._connect(reader, writer)
        except CLOSED:
            pass  # the client has refused the certificate, or one of the two has gone
        finally:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (wanted := REQUEST.unpack(await reader.readexactly(REQUEST.size))[1]) == GSSAPI_WANTED:
            writer.write(b"N")
        if wanted != TLS_WANTED:
            return
        writer.write(b"S")
        await writer.start_tls(self._context)
        self.encrypted += 1
        from_server, to_server = await asyncio.open_connection(ports.HOST, self._server)
        ways = [asyncio.create_task(it) for it in (_copy(reader, to_server), _copy(from_server, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            to_server.close()
            for way in ways:
                way.cancel()


def _context(authority: Authority) -> ssl.SSLContext:
    pair = authority.issue("postgres", [ports.HOST])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    return context


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(*CLOSED):
        while data := await source.read(CHUNK):
            target.write(data)
            await target.drain()


@asynccontextmanager
async def tls_front(authority: Authority, server_url: str) -> AsyncIterator[TlsFront]:
    """A front of this server on a free port, until the end of the block."""
    front = TlsFront(authority, ports.free(), urlsplit(server_url).port or 0)
    server = await asyncio.start_server(front.serve, ports.HOST, front.port)
    try:
        yield front
    finally:
        server.close()
