"""Everything the environment decides, read once and checked before anything starts."""

from datetime import timedelta
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

import limits
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.cool_down import CoolDown
from domain.unsettled_money import Promise
from entrypoints.alert_settings import EMPTY_IS_UNSET, AlertSettings
from entrypoints.instance_settings import InstanceSettings
from entrypoints.overload_settings import OverloadSettings

STRIPE_API: Final = "https://api.stripe.com"
STRIPE_CHECKOUT: Final = "https://checkout.stripe.com"
METRICS_TOKEN_MIN: Final = 16
STOP_MIN: Final = 10  # what requests, jobs and mail need to end in order
JWT_SECRET_MIN: Final = 32  # bytes: an HS256 secret is as long as its hash


class ShopMode(StrEnum):
    """Whether buyers' and admins' pages are served beside the API.

    `demo`: they sign people in with one click, with tokens of their own making.
    """

    OFF = "off"
    ON = "on"
    DEMO = "demo"


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


def _split(value: object) -> object:
    """Read a comma-separated list."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
ListedSecrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]


class StorageSettings(BaseSettings):
    """Where purchases are kept: enough for a command that needs nothing else."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    mongodb_uri: SecretStr | None = None
    mongodb_database: str = "spothold"
    mongodb_quota_mb: int = Field(default=512, ge=0)
    data_dir: Path = Path("data")

    @property
    def storage_quota(self) -> int:
        """Return how many bytes the database may hold; 0: as many as there is disk."""
        return 0 if self.mongodb_uri is None else self.mongodb_quota_mb * 1024 * 1024

    @field_validator("mongodb_uri")
    @classmethod
    def _names_a_mongodb(cls, uri: SecretStr | None) -> SecretStr | None:
        schemes = ("mongodb://", "mongodb+srv://")
        if uri is not None and not uri.get_secret_value().startswith(schemes):
            raise ValueError("begins with mongodb:// or mongodb+srv://")
        return uri


class TokenSettings(BaseSettings):
    """Who signs the tokens that buyers and admins carry."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    app_env: Environment = Environment.DEVELOPMENT
    jwt_secret: SecretStr | None = None
    jwt_jwks_url: str | None = None
    jwt_algorithm: str = Field(default="HS256", pattern="^(HS256|RS256|ES256)$")
    jwt_issuer: str = "spothold"
    jwt_audience: str = "spothold"

    @property
    def is_production(self) -> bool:
        return self.app_env is Environment.PRODUCTION

    @model_validator(mode="after")
    def _knows_who_signs_tokens(self) -> Self:
        is_shared = self.jwt_algorithm == "HS256"
        if is_shared and self._jwt_secret_length() < JWT_SECRET_MIN:
            raise ValueError(f"JWT_SECRET has {JWT_SECRET_MIN} bytes or more for HS256")
        if not is_shared and not (self.jwt_jwks_url or "").startswith("https://"):
            raise ValueError(
                f"JWT_JWKS_URL is an https address for {self.jwt_algorithm}"
            )
        return self

    def _jwt_secret_length(self) -> int:
        secret = self.jwt_secret.get_secret_value() if self.jwt_secret else ""
        return len(secret.encode())


class Settings(
    StorageSettings, TokenSettings, AlertSettings, InstanceSettings, OverloadSettings
):
    """Every setting; `.env.example` says what each is for.

    Secrets never show in a log or an error.

    Raises:
        pydantic.ValidationError: a setting is missing, malformed or unsafe; the
            message names it and never its value.
    """

    port: int = Field(default=8000, ge=0, le=65535)
    host: str = "127.0.0.1"
    frontend_url: str = "http://127.0.0.1:8000"
    public_url: Annotated[str | None, EMPTY_IS_UNSET] = None
    log_level: str = Field(default="INFO", pattern="^(?i:debug|info|warning|error)$")
    log_format: str = Field(default="console", pattern="^(console|json)$")

    otel_exporter_otlp_endpoint: str | None = None
    stop_announce_seconds: int = Field(default=0, ge=0, le=300)
    stop_grace_seconds: int = Field(default=28, ge=STOP_MIN, le=600)

    stripe_secret_key: SecretStr
    stripe_webhook_secret: ListedSecrets
    stripe_api_base: str = STRIPE_API
    checkout_hold_minutes: int = Field(default=35, ge=33, le=24 * 60)
    cool_down_after: int = Field(default=3, ge=0, le=100)
    cool_down_minutes: int = Field(default=60, ge=1, le=24 * 60)
    refund_window_days: int = Field(default=30, ge=0, le=10 * 365)
    late_money_hours: float = Field(default=1, gt=0, le=10 * 24)

    smtp_url: SecretStr
    email_from: str = "Spothold <no-reply@spothold.example>"

    storefront: ShopMode = ShopMode.OFF
    sign_in_url: str | None = None
    checkout_url: str | None = None

    cors_origins: Listed = ()
    allowed_hosts: Listed = ()
    trusted_proxies: Listed = ()
    metrics_token: SecretStr | None = None
    rate_limit_checkout: str = "10/minute"
    rate_limit_cancel: str = "20/minute"
    rate_limit_webhook: str = "600/minute"
    rate_limit_address: str = "60/minute"

    @property
    def livemode(self) -> bool:
        """Say whether real money moves: Stripe's key tells."""
        return "_live_" in self.stripe_secret_key.get_secret_value()

    @property
    def hosts(self) -> frozenset[str]:
        """Return the host names that are ours; empty: any."""
        return frozenset(host.lower() for host in self.allowed_hosts)

    @property
    def checkout_origin(self) -> str:
        """Return where buyers pay: at Stripe, at its simulator or at our own domain."""
        if self.checkout_url is not None:
            return self.checkout_url
        is_stripe = self.stripe_api_base == STRIPE_API
        return STRIPE_CHECKOUT if is_stripe else self.stripe_api_base

    @property
    def hold(self) -> timedelta:
        """Return how long a checkout may take, and so holds a spot."""
        return timedelta(minutes=self.checkout_hold_minutes)

    @property
    def cool_down(self) -> CoolDown:
        """Return how many abandoned class-rep checkouts are too many."""
        return CoolDown(
            after=self.cool_down_after, within=timedelta(minutes=self.cool_down_minutes)
        )

    @property
    def refund_window(self) -> timedelta:
        """Return how long after completion a buyer may give a purchase back."""
        return timedelta(days=self.refund_window_days)

    @property
    def stop_announce(self) -> timedelta:
        """Return how long we still answer after SIGTERM, and say that we leave."""
        return timedelta(seconds=self.stop_announce_seconds)

    @property
    def stop_grace(self) -> timedelta:
        """Return how long we may take from SIGTERM to the end of the process."""
        return timedelta(seconds=self.stop_grace_seconds)

    @property
    def promise(self) -> Promise:
        """Return how long money may be without an outcome."""
        return Promise(ours=timedelta(hours=self.late_money_hours))

    @property
    def success_url(self) -> str:
        """Return where Stripe sends the buyer after paying; Stripe fills the id in."""
        return (
            f"{self.frontend_url}/purchase/success?session_id={{CHECKOUT_SESSION_ID}}"
        )

    @property
    def cancel_url(self) -> str:
        """Return where Stripe sends a buyer who goes back; we fill the id in."""
        return f"{self.frontend_url}/purchase/cancel?purchase_id={{PURCHASE_ID}}"

    @property
    def webhook_url(self) -> str:
        """Return where Stripe reaches us."""
        return f"{self.public_url or self.frontend_url}/api/webhooks/stripe"

    @property
    def mail_domain(self) -> str:
        """Return what the ids of our mails end with."""
        return self.email_from.rpartition("@")[2].rstrip("> ") or "localhost"

    @field_validator("frontend_url", "public_url", "stripe_api_base")
    @classmethod
    def _without_slash(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not url.startswith(("http://", "https://")):
            raise ValueError("is an http or https address")
        return url.rstrip("/")

    @field_validator("sign_in_url", "checkout_url", mode="before")
    @classmethod
    def _is_an_address_or_nothing(cls, url: object) -> str | None:
        if not url:
            return None
        parts = urlsplit(str(url))
        # It ends up in a policy, where a blank or a semicolon would begin another rule.
        is_plain = not set(str(url)) & set(" ;,'\"") and str(url).isprintable()
        if parts.scheme not in {"http", "https"} or not parts.hostname or not is_plain:
            raise ValueError("is an http or https address")
        return str(url).rstrip("/")

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _names_a_collector(cls, url: str | None) -> str | None:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("is an http or https address")
        return url or None

    @field_validator("smtp_url")
    @classmethod
    def _names_a_mail_server(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("looks like smtp://host:port or smtps://host")
        return url

    @field_validator("email_from", "admin_alert_email")
    @classmethod
    def _holds_an_address(cls, text: str | None) -> str | None:
        # A sender that is none would cost every mail, one dead letter after another.
        name, at, domain = parseaddr(text or "")[1].rpartition("@")
        if text is not None and not (name and at and domain):
            raise ValueError("holds a mail address")
        return text

    @field_validator("cors_origins", "allowed_hosts", "trusted_proxies")
    @classmethod
    def _names_one_by_one(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        if any("*" in entry for entry in entries):
            raise ValueError("names each one, without *")
        return entries

    @field_validator(
        "rate_limit_checkout",
        "rate_limit_cancel",
        "rate_limit_webhook",
        "rate_limit_address",
    )
    @classmethod
    def _is_a_rate(cls, rate: str) -> str:
        try:
            limits.parse(rate)
        except ValueError:
            raise ValueError("looks like 10/minute") from None
        return rate

    @field_validator("metrics_token")
    @classmethod
    def _is_hard_to_guess(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None or not token.get_secret_value():
            return None
        if len(token.get_secret_value()) < METRICS_TOKEN_MIN:
            raise ValueError(f"has {METRICS_TOKEN_MIN} characters or more")
        return token

    @field_validator("stripe_secret_key")
    @classmethod
    def _is_a_stripe_key(cls, key: SecretStr) -> SecretStr:
        kinds = ("sk_test_", "sk_live_", "rk_test_", "rk_live_")
        if not key.get_secret_value().startswith(kinds):
            raise ValueError("is a secret or restricted key of Stripe")
        return key

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _is_never_empty(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        # An empty secret would let anybody sign (defect O19 of the predecessor).
        if not secrets or not all(
            secret.get_secret_value().startswith("whsec_") for secret in secrets
        ):
            raise ValueError("is one or more endpoint secrets, whsec_…")
        return secrets

    @model_validator(mode="after")
    def _is_fit_for_live_money(self) -> Self:
        if not self.livemode:
            return self
        if self.stripe_api_base != STRIPE_API:
            raise ValueError("a live key speaks to Stripe and to nobody else")
        if self.mongodb_uri is None:
            raise ValueError(
                "MONGODB_URI is needed: the embedded database is for demos"
            )
        if not self.is_production:
            raise ValueError("APP_ENV is production where a live key is used")
        return self

    @model_validator(mode="after")
    def _leaves_time_to_stop(self) -> Self:
        if self.stop_grace_seconds - self.stop_announce_seconds < STOP_MIN:
            raise ValueError(
                f"STOP_GRACE_SECONDS is {STOP_MIN} more than STOP_ANNOUNCE_SECONDS"
            )
        return self

    @model_validator(mode="after")
    def _knows_who_signs_people_in(self) -> Self:
        if self.storefront is ShopMode.ON and self.sign_in_url is None:
            raise ValueError("SIGN_IN_URL is needed with STOREFRONT=on")
        if self.storefront is ShopMode.DEMO and (
            self.is_production or self.livemode or self.jwt_algorithm != "HS256"
        ):
            raise ValueError(
                "STOREFRONT=demo signs tokens itself: HS256, never in production"
            )
        return self

    @model_validator(mode="after")
    def _serves_pages_over_https(self) -> Self:
        urls = (self.frontend_url, self.sign_in_url or "")
        is_open = self.storefront is ShopMode.ON and self.is_production
        if is_open and not all(url.startswith("https://") for url in urls):
            raise ValueError(
                "FRONTEND_URL and SIGN_IN_URL are https addresses with STOREFRONT=on"
            )
        return self

    @model_validator(mode="after")
    def _is_fit_for_production(self) -> Self:
        if self.is_production and not self.allowed_hosts:
            raise ValueError("ALLOWED_HOSTS names our hosts in production")
        posts_to = self.alert_webhook_url or "https://"
        if self.is_production and not posts_to.startswith("https://"):
            raise ValueError("ALERT_WEBHOOK_URL is an https address in production")
        return self
