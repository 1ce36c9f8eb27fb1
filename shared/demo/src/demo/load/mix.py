"""Payment tokens with weights, and the expected end of a checkout for each token."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from cli.errors import StackError
from simulators.gateway import tokens

DEFAULT = "tok_ok=90,tok_action=3,tok_flaky=2,tok_declined=2,tok_insufficient_funds=2,tok_capture_fails=1"
EXPECTED_ENDS: Mapping[str, str] = {
    tokens.OK: "completed",
    tokens.ACTION: "completed",
    tokens.FLAKY: "completed",
    tokens.TIMEOUT: "completed",
    tokens.DOWN: "completed",
    tokens.DECLINED: "PAYMENT_DECLINED",
    tokens.INSUFFICIENT_FUNDS: "INSUFFICIENT_FUNDS",
    tokens.CAPTURE_FAILS: "CAPTURE_FAILED",
}
FOREIGN_END = "PAYMENT_DECLINED"


@dataclass(frozen=True)
class Mix:
    """Tokens with their weights."""

    weights: Mapping[str, float]

    @classmethod
    def of(cls, text: str) -> "Mix":
        """Parse ``tok_ok=90,tok_declined=10``. Raises ``StackError``."""
        weights: dict[str, float] = {}
        for part in filter(None, (it.strip() for it in text.split(","))):
            token, _, weight = part.partition("=")
            try:
                weights[token] = float(weight or 1)
            except ValueError:
                weights[token] = -1.0
            if not token or not 0 <= weights[token] < float("inf"):
                raise StackError(f"{part!r} is not a token with a weight; write tok_ok=90,tok_declined=10.")
        if not sum(weights.values()):
            raise StackError("The mix is empty; write tok_ok=90,tok_declined=10.")
        return cls(weights)

    def draw(self, random: Random) -> str:
        return random.choices(list(self.weights), list(self.weights.values()))[0]


def expected_end(token: str) -> str:
    return EXPECTED_ENDS.get(token, FOREIGN_END)
