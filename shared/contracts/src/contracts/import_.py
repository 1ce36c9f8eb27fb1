"""The fact that ends an import. It is a stream of one fact."""

from contracts.envelope import Fact


class Completed(Fact):
    """Counts of lines, by outcome."""

    TYPE = "import.completed"
    kind: str
    """``products``, ``stock``, ``prices`` or ``promotions``."""
    lines: int
    created: int
    changed: int
    unchanged: int
    failed: int


ImportFact = Completed
