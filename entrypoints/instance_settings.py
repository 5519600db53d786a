"""What several instances share, and whether there may be several."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from entrypoints.alert_settings import EMPTY_IS_UNSET


class InstanceSettings(BaseSettings):
    """Any number is safe; these say how the buyers' clicks queue, and who may run."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    lock_backend: str = Field(default="memory", pattern="^(memory|redis)$")
    redis_url: Annotated[SecretStr | None, EMPTY_IS_UNSET] = None
    single_instance_enforce: bool = False
    single_instance_overlap_seconds: int = Field(default=180, ge=4, le=3600)

    @property
    def overlap(self) -> timedelta:
        """Return how long a deploy may run two instances beside each other."""
        return timedelta(seconds=self.single_instance_overlap_seconds)

    @field_validator("redis_url")
    @classmethod
    def _names_a_redis(cls, url: SecretStr | None) -> SecretStr | None:
        schemes = ("redis://", "rediss://", "unix://")
        if url is not None and not url.get_secret_value().startswith(schemes):
            raise ValueError("begins with redis://, rediss:// or unix://")
        return url

    @model_validator(mode="after")
    def _knows_where_its_locks_are(self) -> Self:
        if self.lock_backend == "redis" and self.redis_url is None:
            raise ValueError("REDIS_URL is needed with LOCK_BACKEND=redis")
        return self
