"""How long flows last."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class FlowPolicy:
    lifetime: timedelta
    idle: timedelta
    """Without a step for so long, a flow is abandoned."""
