"""Every question that is exported gives both kinds of file, also of a shop without any figures."""

from __future__ import annotations

import pytest

from projections.questions.question import Question
from projections.questions.registry import QUESTIONS
from tests.integration.projections.test_figures_over_http import Caller


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
@pytest.mark.parametrize("question", [it for it in QUESTIONS if it.exported], ids=lambda it: it.name)
async def test_every_answer_is_a_file(caller: Caller, question: Question, file_format: str) -> None:
    answer = await caller("rival-analyst").get(f"{question.url}/export", params={"format": file_format})

    assert answer.status_code == 200, answer.text
    assert answer.content
