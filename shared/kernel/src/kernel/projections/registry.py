"""The read models of one service, and what they are built from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from contracts.registry import MessageRegistry
from kernel.projections.model import ReadModel


@dataclass(frozen=True)
class ProjectionRegistry:
    group: str
    """The consumer group whose fetch feeds the lanes of all read models."""
    models: Sequence[ReadModel]
    messages: MessageRegistry
    partitions: int
    """Of each topic."""

    @property
    def topics(self) -> list[str]:
        """The topics that any read model is built from."""
        return self.topics_of(*self.models)

    def topics_of(self, *models: ReadModel) -> list[str]:
        return sorted({self.messages.topic_of[type_] for model in models for type_ in model.types})

    def partitions_of(self, *models: ReadModel) -> list[TopicPartition]:
        topics = self.topics_of(*models)
        return [TopicPartition(topic, part) for topic in topics for part in range(self.partitions)]

    @property
    def types(self) -> frozenset[str]:
        """The types of the facts that any read model handles."""
        return frozenset[str]().union(*(model.types for model in self.models))

    def find(self, name: str) -> ReadModel | None:
        return next((model for model in self.models if model.name == name), None)
