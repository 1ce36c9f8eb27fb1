"""`feira erase` shows the receipt, and fails if a part of the data can still be read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.addresses import ADDRESSES
from cli.errors import StackError
from cli.main import new_app
from contracts.topology import SERVICE_NAMES

ERASED_AT = "2026-03-01T12:00:00Z"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, object]]]:
    """A stub for every service: of customers whose id begins with ``left`` a fact can still be read."""
    requests: list[tuple[str, object]] = []

    class Stub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path, body))
            readable = int(self.path.startswith("/v1/customers/left"))
            receipt = {"streams": 5, "facts": 6, "readable": readable, "erased_at": ERASED_AT}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(receipt).encode())

        def log_request(self, *_of: object) -> None:
            """Keep the output of the tests clean."""

    with HTTPServer(("127.0.0.1", 0), Stub) as server:
        file = tmp_path / "addresses.json"
        url = f"http://127.0.0.1:{server.server_port}"
        file.write_text(json.dumps({"urls": dict.fromkeys(SERVICE_NAMES, url)}))
        monkeypatch.setenv(ADDRESSES, str(file))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield requests
        server.shutdown()
        thread.join()


def run(customer_id: str, *more: str) -> str:
    arguments = ["erase", customer_id, "--reason", "requested", "--key", "a-key", *more]
    return CliRunner().invoke(new_app("erase"), arguments, catch_exceptions=False).output


def test_the_receipt_is_shown_and_the_id_is_one_part_of_the_path(asked: list[tuple[str, object]]) -> None:
    shown = run("shop/7")
    assert "6 facts in 5 streams" in shown
    assert "0 of them can be read" in shown
    assert json.loads(run("shop/7", "--json"))["facts"] == 6
    assert asked == [("/v1/customers/shop%2F7/erase", {"reason": "requested"})] * 2


@pytest.mark.usefixtures("asked")
def test_data_that_can_still_be_read_is_an_error() -> None:
    with pytest.raises(StackError, match="can still be read"):
        run("left-over")
