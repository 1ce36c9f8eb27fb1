"""What to do about a segment that loses many of its customers, by segment. Plain text, used in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STRATEGIES: Mapping[str, str] = MappingProxyType(
    {
        "champion": "Your best customers leave: ask each of them why, give them early access "
        "to what is new, and thank them in person.",
        "loyal": "Loyal customers leave: reward the next order, and show them what goes "
        "with what they have bought.",
        "cannot_lose": "Customers who ordered often stay away: call or write to each of them, "
        "with an offer of their own.",
        "at_risk": "Customers who ordered regularly stay away: remind them of what they "
        "bought, with a limited discount.",
        "needs_attention": "Customers come less often: recommend by their last orders, with an offer "
        "that ends soon.",
        "potential_loyalist": "Recent customers do not stay: propose a programme for members, and the "
        "product that others bought next.",
        "promising": "Recent first orders are not followed: write a week after the delivery, "
        "with help for what was bought.",
        "new": "New customers do not come back: look at their first weeks, at delivery "
        "and support, and offer the second order.",
        "about_to_sleep": "Customers fall silent: send what is popular now, and ask which messages "
        "they want.",
        "hibernating": "Customers of long ago leave: try one campaign at low cost, and spend no more on it.",
    }
)
