"""The read models of one service, and what they are built from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from contracts.registry import MessageRegistry
from kernel.projections.model import ReadModel


@dataclass(frozen=True)
class ProjectionRegistry:
    group: str
    """The consumer group that feeds all read models."""
    models: Sequence[ReadModel[Any, Any]]
    """In the order in which each batch is applied to them."""
    messages: MessageRegistry
    partitions: int
    """Of each topic."""

    @property
    def topics(self) -> list[str]:
        """The topics that any read model is built from."""
        return sorted({topic for model in self.models for topic in self.topics_of(model)})

    def topics_of(self, model: ReadModel[Any, Any]) -> list[str]:
        return sorted({self.messages.topic_of[type_] for type_ in model.types})

    @property
    def topic_partitions(self) -> list[TopicPartition]:
        return [TopicPartition(topic, part) for topic in self.topics for part in range(self.partitions)]

    @property
    def types(self) -> frozenset[str]:
        """The types of the facts that any read model handles."""
        return frozenset[str]().union(*(model.types for model in self.models))

    def find(self, name: str) -> ReadModel[Any, Any] | None:
        return next((model for model in self.models if model.name == name), None)
