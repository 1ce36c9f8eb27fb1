"""What a command says when a service refuses, or does not answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cli.addresses import ADDRESSES
from cli.errors import ServiceAway, StackError
from cli.http_client import get
from contracts.topology import SERVICE_NAMES

ANSWERS = {
    "/problem": (409, b'{"code": "SAGA_NOT_RETRIABLE", "detail": "It has ended."}'),
    "/list": (502, b"[]"),
    "/page": (502, b"<html>"),
    "/away": (503, b'{"code": "UNAVAILABLE", "detail": "The database does not answer."}'),
    "/good": (200, b'{"found": true}'),
}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A stub that answers by path, named with a slash behind its address for every service."""

    class Stub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = ANSWERS[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, *_of: object) -> None:
            """Keep the output of the tests clean."""

    with HTTPServer(("127.0.0.1", 0), Stub) as server:
        file = tmp_path / "addresses.json"
        url = f"http://127.0.0.1:{server.server_port}/"
        file.write_text(json.dumps({"urls": dict.fromkeys(SERVICE_NAMES, url)}))
        monkeypatch.setenv(ADDRESSES, str(file))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("service")
def test_the_answer_is_the_json_object() -> None:
    assert get("cart", "/good", "a-key") == {"found": True}


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/problem", "cart refuses: It has ended (SAGA_NOT_RETRIABLE)."),
        ("/list", "cart refuses: Bad Gateway (502)."),
        ("/page", "cart refuses: Bad Gateway (502)."),
    ],
)
def test_a_refusal_is_one_sentence_whatever_its_body_is(path: str, says: str) -> None:
    with pytest.raises(StackError) as refusal:
        get("cart", path, "a-key")
    assert str(refusal.value) == says


@pytest.mark.usefixtures("service")
def test_a_service_that_is_unavailable_for_now_is_told_from_one_that_refuses() -> None:
    with pytest.raises(ServiceAway, match="UNAVAILABLE"):
        get("cart", "/away", "a-key")


def test_a_service_that_does_not_answer_is_named_with_its_address(service: HTTPServer) -> None:
    service.shutdown()
    service.server_close()
    with pytest.raises(
        ServiceAway, match=rf"^cart does not answer at http://127.0.0.1:{service.server_port} \("
    ):
        get("cart", "/good", "a-key")
