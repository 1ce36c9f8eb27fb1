"""The hash of a preview: a commit that would come to anything else is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256


def preview_hash(preview: Mapping[str, object]) -> str:
    """SHA-256, in hex, of the canonical JSON: sorted names, no spaces, UTF-8. Amounts are whole numbers.

    Raises ``TypeError`` for a value that JSON has not, and ``ValueError`` for a number that is not finite.
    """
    text = json.dumps(preview, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256(text.encode()).hexdigest()
