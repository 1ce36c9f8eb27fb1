"""Rules for load: what is played, how it is counted, and when something is wrong."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from cli.errors import StackError
from demo.load.mix import DEFAULT, EXPECTED_ENDS, Mix, expected_end
from demo.load.tally import MAX_PROBLEMS, Tally, quantiles


def test_a_mix_is_drawn_by_its_weights_and_the_same_for_the_same_seed() -> None:
    mix = Mix.of("tok_ok=3, tok_declined")
    first, again = ([mix.draw(chance) for _ in range(4000)] for chance in (Random(5), Random(5)))
    assert first == again
    counts = Counter(first)
    assert 0.70 < counts["tok_ok"] / counts.total() < 0.80


@pytest.mark.parametrize(
    "text", ["", "tok_ok=0", "tok_ok=-1", "tok_ok=many", "=1", "tok_ok=nan", "tok_ok=inf"]
)
def test_an_invalid_mix_is_an_error(text: str) -> None:
    with pytest.raises(StackError, match="write tok_ok=90"):
        Mix.of(text)


def test_every_token_of_the_mix_has_an_end_that_is_expected() -> None:
    assert Mix.of(DEFAULT).weights.keys() <= EXPECTED_ENDS.keys()
    assert expected_end("of another shop") == "PAYMENT_DECLINED"


def test_quantiles_are_values_that_were_measured() -> None:
    seconds = [it / 1000 for it in range(1, 101)]
    assert quantiles(reversed(seconds)) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    assert quantiles([0.25]) == {"p50": 250, "p95": 250, "p99": 250, "max": 250}
    assert quantiles([]) == {"p50": 0, "p95": 0, "p99": 0, "max": 0}


def test_a_run_is_ok_without_unexpected_ends_and_server_errors() -> None:
    tally = Tally()
    tally.ended("completed", 0.1)
    assert tally.ok
    tally.server_errors[503] += 1
    assert not tally.ok
    other = Tally()
    other.went_wrong("open", "it came to no end")
    assert (other.ok, other.purchases, other.latencies) == (False, 1, [])


def test_only_the_first_problems_are_kept() -> None:
    tally = Tally()
    for number in range(100):
        tally.went_wrong("open", str(number))
    report = tally.as_json(seed=1)
    assert report["wrong"] == [str(number) for number in range(MAX_PROBLEMS)]
    assert report["outcomes"] == {"open": 100}
