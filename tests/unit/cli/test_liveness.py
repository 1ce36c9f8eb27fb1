"""Which answers show that a process does not live any more."""

from cli.stack.liveness import DENIED_FOR, SILENT_FOR, Answers


def test_a_process_that_has_never_lived_is_left_to_its_start() -> None:
    answers = Answers(1)
    assert answers.trouble(None, 0) is None
    assert answers.trouble(False, 1000) is None


def test_one_denial_is_not_enough_but_denials_are() -> None:
    answers = Answers(1)
    assert answers.trouble(True, 0) is None
    assert answers.trouble(False, DENIED_FOR - 1) is None
    assert answers.trouble(False, DENIED_FOR + 1) == "says that it does not live any more"


def test_silence_may_last_longer_than_a_denial() -> None:
    answers = Answers(1)
    assert answers.trouble(True, 0) is None
    assert answers.trouble(None, SILENT_FOR - 1) is None
    assert answers.trouble(None, SILENT_FOR + 1) == "has said nothing for a minute"


def test_a_good_answer_makes_all_well() -> None:
    answers = Answers(1)
    answers.trouble(True, 0)
    answers.trouble(False, DENIED_FOR - 1)
    assert answers.trouble(True, DENIED_FOR) is None
    assert answers.trouble(False, DENIED_FOR + 1) is None
