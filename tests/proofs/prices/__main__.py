"""Random carts, priced twice: ``python -m tests.proofs.prices``."""

import sys

from tests.proofs.twice import prove
from tests.proofs.verdict import number
from tests.unit.pricing.oracle.carts import draw_cart
from tests.unit.pricing.oracle.comparison import compare

if __name__ == "__main__":
    sys.exit(prove("prices", draw_cart, compare, number("CARTS", 20_000)))
