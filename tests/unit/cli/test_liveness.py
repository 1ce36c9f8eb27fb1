"""Which history show that a process does not live any more."""

from cli.stack.liveness import FAILING_TIMEOUT_SECONDS, SILENT_TIMEOUT_SECONDS, ProbeHistory


def test_a_process_that_has_never_lived_is_left_to_its_start() -> None:
    history = ProbeHistory(1)
    assert history.failure(None, 0) is None
    assert history.failure(False, 1000) is None


def test_one_denial_is_not_enough_but_denials_are() -> None:
    history = ProbeHistory(1)
    assert history.failure(True, 0) is None
    assert history.failure(False, FAILING_TIMEOUT_SECONDS - 1) is None
    assert history.failure(False, FAILING_TIMEOUT_SECONDS + 1) == "fails its liveness probe"


def test_silence_may_last_longer_than_a_denial() -> None:
    history = ProbeHistory(1)
    assert history.failure(True, 0) is None
    assert history.failure(None, SILENT_TIMEOUT_SECONDS - 1) is None
    assert history.failure(None, SILENT_TIMEOUT_SECONDS + 1) == "has not answered for a minute"


def test_a_good_answer_makes_all_well() -> None:
    history = ProbeHistory(1)
    history.failure(True, 0)
    history.failure(False, FAILING_TIMEOUT_SECONDS - 1)
    assert history.failure(True, FAILING_TIMEOUT_SECONDS) is None
    assert history.failure(False, FAILING_TIMEOUT_SECONDS + 1) is None
