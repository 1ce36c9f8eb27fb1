"""What callers say about saved questions, and what is shown of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from kernel.http.requests import Body, Trimmed, no_address
from projections.saved_questions.checking import Fault

MAX_PARAMETERS = 20
Name = Annotated[str, Trimmed(100), AfterValidator(no_address)]
QuestionName = Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,63}$")]
ParameterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
ParameterValue = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Parameters = Annotated[dict[ParameterName, ParameterValue], Field(max_length=MAX_PARAMETERS)]


class QuestionToSave(Body):
    name: Name
    question: QuestionName
    parameters: Parameters = Field(default_factory=dict)
    shared: bool = False


class SavedQuestionFault(BaseModel):
    parameter: str
    detail: str


class SavedQuestion(BaseModel):
    saved_question_id: UUID
    owner: str
    name: str
    question: str
    parameters: dict[str, str]
    shared: bool
    faults: list[SavedQuestionFault]
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Any, faults: Sequence[Fault]) -> SavedQuestion:
        names = cls.model_fields.keys() - {"saved_question_id", "faults"}
        return cls(
            saved_question_id=row["saved_id"],
            faults=[SavedQuestionFault(parameter=it.parameter, detail=it.detail) for it in faults],
            **{it: row[it] for it in names},
        )
