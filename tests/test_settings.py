from typing import Any

import pytest
from pydantic import ValidationError

from entrypoints.settings import Settings
from tests.servers.service import JWT_SECRET

GOOD: dict[str, Any] = {
    "stripe_secret_key": "sk_test_1",
    "stripe_webhook_secret": "whsec_1",
    "smtp_url": "smtp://127.0.0.1",
    "jwt_secret": JWT_SECRET,
}
LIVE: dict[str, Any] = {
    "app_env": "production",
    "stripe_secret_key": "sk_live_1",
    "mongodb_uri": "mongodb://db.example/",
    "allowed_hosts": "shop.example",
}
SIGNS = "whsec_" + 8 * "c2VjcmV0"


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, **{**GOOD, **changes})


def test_the_least_that_is_needed_is_enough_for_development() -> None:
    assert not settings().livemode
    assert settings().checkout_hold_minutes == 35


def test_the_embedded_database_has_no_quota() -> None:
    assert settings().storage_quota == 0
    assert settings(**LIVE, mongodb_quota_mb=0).storage_quota == 0


def test_secrets_may_be_several_while_one_is_rolled() -> None:
    rolled = settings(stripe_webhook_secret="whsec_1, whsec_2")
    texts = [secret.get_secret_value() for secret in rolled.stripe_webhook_secret]
    assert texts == ["whsec_1", "whsec_2"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"stripe_secret_key": "pk_test_1"}, "secret or restricted key"),
        ({"stripe_webhook_secret": ""}, "one or more endpoint secrets"),
        ({"metrics_token": "short"}, "16 characters or more"),
        ({"alert_webhook_url": "ftp://x"}, "http or https address"),
        ({"alert_webhook_url": "https://x"}, "ALERT_WEBHOOK_SECRET is needed"),
        ({"alert_webhook_secret": "whsec_c2hvcnQ="}, "24 to 64 bytes"),
        ({"alert_webhook_secret": "d" * 40}, "24 to 64 bytes"),
        ({"alert_webhook_secret": "whsec_" + "!" * 40}, "24 to 64 bytes"),
        (
            {**LIVE, "alert_webhook_url": "http://x", "alert_webhook_secret": SIGNS},
            "https address in production",
        ),
        ({"late_money_hours": 0}, "greater than 0"),
        ({"stripe_webhook_secret": "whsec_1,oops"}, "one or more endpoint secrets"),
        ({"checkout_hold_minutes": 32}, "greater than or equal to 33"),
        ({"jwt_secret": "x" * 31}, "32 bytes or more"),
        ({"jwt_algorithm": "none"}, "should match pattern"),
        ({"jwt_algorithm": "RS256"}, "JWT_JWKS_URL"),
        (
            {"jwt_algorithm": "ES256", "jwt_jwks_url": "http://plain.example"},
            "https address",
        ),
        ({"frontend_url": "shop.example"}, "http or https address"),
        ({"app_env": "production"}, "ALLOWED_HOSTS"),
        ({"log_level": "chatty"}, "log_level"),
        ({"rate_limit_checkout": "lots"}, "rate_limit_checkout"),
        ({"rate_limit_webhook": ""}, "rate_limit_webhook"),
        ({"smtp_url": "mail.example:25"}, "smtp://host"),
        ({"smtp_url": "smtp://"}, "smtp://host"),
        ({"lock_backend": "zookeeper"}, "lock_backend"),
        ({"lock_backend": "redis"}, "REDIS_URL is needed"),
        ({"lock_backend": "redis", "redis_url": ""}, "REDIS_URL is needed"),
        ({"redis_url": "127.0.0.1:6379"}, "redis://"),
        ({"email_from": "nobody"}, "email_from"),
        ({"admin_alert_email": "nobody"}, "admin_alert_email"),
        ({"mongodb_uri": "db.example:27017"}, "mongodb://"),
        ({"cors_origins": "*"}, "cors_origins"),
        ({"trusted_proxies": "10.0.0.1,*"}, "trusted_proxies"),
        ({"allowed_hosts": "*.shop.example"}, "allowed_hosts"),
        ({**LIVE, "stripe_api_base": "http://127.0.0.1:12111"}, "nobody else"),
        ({**LIVE, "mongodb_uri": None}, "MONGODB_URI"),
        ({**LIVE, "app_env": "development"}, "APP_ENV is production"),
    ],
)
def test_what_is_unsafe_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        settings(**changes)


@pytest.mark.parametrize("name", ["admin_alert_email", "public_url", "redis_url"])
def test_what_a_form_left_empty_is_unset(name: str) -> None:
    assert getattr(settings(**{name: ""}), name) is None


def test_a_live_service_with_all_it_needs_may_start() -> None:
    assert settings(**LIVE).livemode


def test_no_secret_shows_when_settings_are_printed_or_refused() -> None:
    secret = "sk_test_that_nobody_may_read"
    assert secret not in repr(settings(stripe_secret_key=secret))
    with pytest.raises(ValidationError) as refusal:
        settings(stripe_secret_key=secret, port=-1)
    assert secret not in str(refusal.value)


@pytest.mark.parametrize(
    ("sender", "domain"),
    [
        ("Shop <no-reply@shop.example>", "shop.example"),
        ("no-reply@shop.example", "shop.example"),
    ],
)
def test_mail_ids_end_with_the_senders_domain(sender: str, domain: str) -> None:
    assert settings(email_from=sender).mail_domain == domain
