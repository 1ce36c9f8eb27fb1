"""``python -m tests.support.slack_server PORT LEDGER``: a server in place of Slack's, for tests.

It appends each message that it takes to the ledger, one line of JSON, durably before it answers. What it does
with a message follows from the last part of the address: see ``REFUSALS``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REFUSALS = {
    "busy": (429, {"Retry-After": "7"}),
    "broken": (500, {}),
    "gone": (404, {}),
    "moved": (302, {"Location": "/services/ok"}),
}
"""``busy`` and ``broken`` once, and then it takes the message."""
ONCE = {"busy", "broken"}
MUTE = "mute"
"""It takes the message, and goes silent."""


class Hooks(BaseHTTPRequestHandler):
    refused: Counter[str] = Counter()
    ledger: Path

    def do_POST(self) -> None:  # the library's interface
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.rpartition("/")[2].partition("-")[0]
        if name in REFUSALS and not (name in ONCE and self.refused[self.path]):
            self.refused[self.path] += 1
            self._answer(*REFUSALS[name])
            return
        with self.ledger.open("a") as file:
            file.write(json.dumps({"path": self.path, "text": json.loads(body)["text"]}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if name == MUTE:
            threading.Event().wait()
        self._answer(200, {})

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for header in {**headers, "Content-Length": "0"}.items():
            self.send_header(*header)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's interface
        """Says nothing."""


if __name__ == "__main__":
    Hooks.ledger = Path(sys.argv[2])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Hooks).serve_forever()
