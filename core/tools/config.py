"""Settings of a tool: the topic and the settings that it examines."""

from typing import Any, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from core import topics
from core.topics import Topic
from core.training.config import RunConfig


class ToolConfig(RunConfig):
    """The topic and the settings of the run that a tool examines."""

    topic: str = Field("playground", title="Topic", description="The name of the topic whose settings are examined.")
    settings: str = Field(
        "{}",
        title="Settings",
        description="The settings as a JSON object. Settings that are not given have their default values.",
    )

    @model_validator(mode="after")
    def _can_be_examined(self) -> Self:
        if self.topic not in topics.names():
            raise PydanticCustomError("unknown_topic", "there is no topic “{name}”", {"name": self.topic})
        try:
            config = self.examined
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise PydanticCustomError(
                "settings", "{place}: {problem}", {"place": place or "settings", "problem": problem["msg"]}
            ) from None
        if not self.examined_topic.trial.is_possible(config):
            raise PydanticCustomError("no_updates", "a run with these settings has no updates of weights")
        return self

    @classmethod
    def of(cls, topic: Topic, config: RunConfig) -> Self:
        """Return the settings of a tool that examines a run of ``topic`` with the settings ``config``."""
        return cls(topic=topic.name, settings=config.model_dump_json(), seed=config.seed, threads=config.threads)

    @property
    def examined_topic(self) -> Topic:
        """The topic whose settings are examined."""
        return topics.topic(self.topic)

    @property
    def examined(self) -> Any:
        """The settings that are examined."""
        return self.examined_topic.config_class.model_validate_json(self.settings)


def resolve(config: Any) -> Any:
    """Return a copy in which the machine-dependent choices of the examined settings are resolved."""
    examined = config.examined_topic.resolve(config.examined)
    return config.changed(settings=examined.model_dump_json(), threads=examined.threads)
