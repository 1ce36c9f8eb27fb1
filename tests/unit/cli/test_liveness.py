"""Which answers show that a process does not live any more."""

from cli.stack.liveness import FAILING_TIMEOUT_SECONDS, SILENT_TIMEOUT_SECONDS, ProbeHistory


def test_a_process_that_has_never_lived_is_left_to_its_start() -> None:
    answers = ProbeHistory(1)
    assert answers.trouble(None, 0) is None
    assert answers.trouble(False, 1000) is None


def test_one_denial_is_not_enough_but_denials_are() -> None:
    answers = ProbeHistory(1)
    assert answers.trouble(True, 0) is None
    assert answers.trouble(False, FAILING_TIMEOUT_SECONDS - 1) is None
    assert answers.trouble(False, FAILING_TIMEOUT_SECONDS + 1) == "says that it does not live any more"


def test_silence_may_last_longer_than_a_denial() -> None:
    answers = ProbeHistory(1)
    assert answers.trouble(True, 0) is None
    assert answers.trouble(None, SILENT_TIMEOUT_SECONDS - 1) is None
    assert answers.trouble(None, SILENT_TIMEOUT_SECONDS + 1) == "has said nothing for a minute"


def test_a_good_answer_makes_all_well() -> None:
    answers = ProbeHistory(1)
    answers.trouble(True, 0)
    answers.trouble(False, FAILING_TIMEOUT_SECONDS - 1)
    assert answers.trouble(True, FAILING_TIMEOUT_SECONDS) is None
    assert answers.trouble(False, FAILING_TIMEOUT_SECONDS + 1) is None
