"""Metrics of webhooks of payment providers."""

from __future__ import annotations

from kernel.observability.metrics.declaring import Part, counter

RECEIVED = counter(
    Part.PROCESS,
    "feira_webhooks",
    "Signed webhooks of payment providers: by provider: matched, unmatched, ignored, unreadable or repeated",
    ("kind", "state"),
)
REFUSED = counter(
    Part.PROCESS, "feira_webhooks_refused", "Webhooks whose signature fits no account, by provider", ("kind",)
)
