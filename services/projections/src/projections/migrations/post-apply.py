"""Behind every migration: the views of the schema analytics are those of the questions."""

from yoyo import step

from projections.questions.views import bring_into_line

step(bring_into_line)
