"""What each of the demo's programs is told."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from entrypoints.demo.children import Plan
from entrypoints.demo.folder import DemoFolder
from entrypoints.demo.options import DemoOptions
from entrypoints.settings import Settings

STRIPE_KEY: Final = "sk_test_spothold_demo"
ROOT: Final = Path(__file__).parents[2]


def inherited_environment() -> dict[str, str]:
    """Return our environment without any setting: a demo must not meet real money."""
    ours = {name.upper() for name in Settings.model_fields}
    kept = {name: text for name, text in os.environ.items() if name.upper() not in ours}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def simulator(options: DemoOptions, folder: DemoFolder) -> Plan:
    webhook_url = f"{options.shop_url}/api/webhooks/stripe"
    return Plan(
        name="Stripe simulator",
        arguments=[
            *("-m", "entrypoints.stripe_simulator"),
            *("--port", str(options.simulator_port)),
            *("--webhook-url", webhook_url),
            *("--webhook-secret", folder.secrets().webhook_secret),
            *("--memory", str(folder.path / "stripe-simulator.json")),
        ],
        ready_url=options.simulator_url,
        environment=inherited_environment(),
    )


def inbox(options: DemoOptions) -> Plan:
    return Plan(
        name="Inbox",
        arguments=[
            *("-m", "entrypoints.inbox"),
            *("--smtp-port", str(options.smtp_port)),
            *("--port", str(options.inbox_port)),
        ],
        ready_url=f"{options.inbox_url}/api/v1/messages",
        environment=inherited_environment(),
    )


def service(options: DemoOptions, folder: DemoFolder) -> Plan:
    return Plan(
        name="Service",
        arguments=[
            *("-m", "entrypoints.cli", "serve"),
            *("--inbox-url", options.inbox_url),
        ],
        ready_url=f"{options.shop_url}/api/system/ready",
        environment={**inherited_environment(), **_settings(options, folder)},
    )


def _settings(options: DemoOptions, folder: DemoFolder) -> Mapping[str, str]:
    """Return the service's settings; no MONGODB_URI, so its database is embedded."""
    secrets = folder.secrets()
    return {
        "APP_ENV": "development",
        "DATA_DIR": str(folder.path),
        "FRONTEND_URL": options.shop_url,
        "JWT_SECRET": secrets.jwt_secret,
        "PORT": str(options.port),
        "SMTP_URL": options.smtp_url,
        "STRIPE_API_BASE": options.simulator_url,
        "STRIPE_SECRET_KEY": STRIPE_KEY,
        "STOREFRONT": "demo",
        "STRIPE_WEBHOOK_SECRET": secrets.webhook_secret,
    }
