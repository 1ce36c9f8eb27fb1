"""Splitting an amount into parts that add up to it exactly."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K", str, tuple[bool, str], tuple[int, str])


def allocate(amount: int, weights: Mapping[K, int]) -> dict[K, int]:
    """
    Split by largest remainder; of equal remainders the smaller key comes first.

    No part exceeds its weight as long as the amount does not exceed their sum: only a part with a remainder
    is rounded up, and a part with a remainder is below its weight.
    """
    total_weight = sum(weights.values())
    if amount < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("only non-negative amounts and weights can be allocated")
    if not total_weight:
        if amount:
            raise ValueError("an amount needs something to be allocated to")
        return dict.fromkeys(weights, 0)
    parts: dict[K, int] = {}
    remainders: list[tuple[int, K]] = []
    missing = amount
    for key, weight in weights.items():
        part, remainder = divmod(amount * weight, total_weight)
        parts[key] = part
        missing -= part
        remainders.append((-remainder, key))
    if missing:
        for _, key in sorted(remainders)[:missing]:
            parts[key] += 1
    return parts


def allocate_to_units(amount: int, quantity: int) -> tuple[int, ...]:
    """The amount of each unit of a line, the dearer units first. They add up to the amount."""
    if amount < 0 or quantity < 1:
        raise ValueError(f"cannot split {amount} over {quantity} units")
    part, missing = divmod(amount, quantity)
    return (part + 1,) * missing + (part,) * (quantity - missing)
