"""Stubs of the services for tests of commands: one server, at which each service has a path of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.addresses import ADDRESSES
from contracts.topology import SERVICE_NAMES

Answer = tuple[int, Any]
Respond = Callable[[str, str, str, Any], Answer]
"""Method, service, path and JSON body -> status and JSON body."""


@contextmanager
def stub_services(respond: Respond) -> Iterator[str]:
    """The URL before all services."""

    class Stub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(json.loads(raw) if raw else None)

        def _answer(self, body: Any) -> None:
            service, _, path = self.path.lstrip("/").partition("/")
            status, found = respond(self.command, service, f"/{path}", body)
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, *_of: object) -> None:
            """Keep the output of the tests clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Stub) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def stubs_of_this_machine(respond: Respond, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stubs at the addresses that commands look up in a file, as those of a stack on this machine."""
    with stub_services(respond) as url:
        file = folder / "addresses.json"
        file.write_text(json.dumps({"urls": {it: f"{url}/{it}" for it in SERVICE_NAMES}}))
        monkeypatch.setenv(ADDRESSES, str(file))
        yield
