"""Where humans hear of what needs one."""

import binascii
from base64 import b64decode
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_BYTES_MIN: Final = 24  # as Standard Webhooks says
SECRET_BYTES_MAX: Final = 64
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # what secrets begin with

# A form that lists every setting leaves those that nobody filled in empty.
EMPTY_IS_UNSET: Final = BeforeValidator(lambda given: given or None)


class AlertSettings(BaseSettings):
    """By mail, by a signed webhook, by both, or by the log alone."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    admin_alert_email: Annotated[str | None, EMPTY_IS_UNSET] = None
    alert_webhook_url: str | None = None
    alert_webhook_secret: SecretStr | None = None

    @property
    def alert_webhook_key(self) -> str | None:
        """Return the secret in plain, for whoever signs with it."""
        secret = self.alert_webhook_secret
        return None if secret is None else secret.get_secret_value()

    @field_validator("alert_webhook_url", mode="before")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is an http or https address")
        return url

    @field_validator("alert_webhook_secret")
    @classmethod
    def _can_sign(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is None or not secret.get_secret_value():
            return None
        text = secret.get_secret_value()
        try:
            key = b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if not text.startswith(SECRET_PREFIX) or not (
            SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX
        ):
            raise ValueError("is whsec_ and 24 to 64 bytes in Base64")
        return secret

    @model_validator(mode="after")
    def _signs_what_it_posts(self) -> Self:
        if self.alert_webhook_url is not None and self.alert_webhook_secret is None:
            raise ValueError("ALERT_WEBHOOK_SECRET is needed with ALERT_WEBHOOK_URL")
        return self
