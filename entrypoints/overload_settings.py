"""How much is begun at once, here and at Stripe."""

from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

AT_WORK_MIN: Final = 8  # an eighth of them is for webhooks alone


class OverloadSettings(BaseSettings):
    """What is worked on at once, and who may wait for it (docs/adr/0030)."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    requests_at_work: int = Field(default=32, ge=AT_WORK_MIN, le=1000)
    requests_waiting: int = Field(default=64, ge=0, le=1000)
    stripe_requests_per_second: float = Field(default=20, ge=1, le=1000)
