"""Random subscriptions and orders, billed twice: ``python -m tests.proofs.billing``."""

import sys

from tests.proofs.twice import prove
from tests.proofs.verdict import number
from tests.unit.billing.oracle.cases import draw_case
from tests.unit.billing.oracle.comparison import compare

if __name__ == "__main__":
    sys.exit(prove("billing", draw_case, compare, number("CASES", 20_000)))
