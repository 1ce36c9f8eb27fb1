"""All dashboards, in the order of their numbers."""

from __future__ import annotations

from deploy.observability.dashboards import checkouts, event_flow, golden_signals, read_models, runtime

BOARDS = (golden_signals.BOARD, checkouts.BOARD, event_flow.BOARD, read_models.BOARD, runtime.BOARD)
