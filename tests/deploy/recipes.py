"""The deployment recipes, read as data."""

import json
import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from entrypoints.settings import Settings

ROOT: Final = Path(__file__).parents[2]
CONTINUED: Final = re.compile(r"\\\n\s*")

# What a person is asked for, and what would be in its place.
ASKED_FOR: Final = {
    "ADMIN_ALERT_EMAIL": "admin@shop.example",
    "ALLOWED_HOSTS": "shop.example",
    "CORS_ORIGINS": "https://shop.example",
    "EMAIL_FROM": "no-reply@shop.example",
    "FRONTEND_URL": "https://shop.example",
    "JWT_SECRET": "a-secret-of-tests-that-is-long-enough",
    "METRICS_TOKEN": "a-token-that-only-prometheus-has",
    "MONGODB_URI": "mongodb+srv://db.example",
    "SMTP_URL": "smtp://mail.example",
    "STRIPE_SECRET_KEY": "rk_live_planted",
    "STRIPE_WEBHOOK_SECRET": "whsec_planted",
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One instruction of the Dockerfile."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Its arguments, without options."""
        if self.rest.startswith("["):
            found: list[str] = json.loads(self.rest)
            return found
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]

    @property
    def options(self) -> dict[str, str]:
        pairs = (word[2:].split("=", 1) for word in self.rest.split() if "=" in word)
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


@cache
def dockerfile() -> tuple[Step, ...]:
    text = CONTINUED.sub(" ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    parts = [line.partition(" ") for line in lines]
    return tuple(Step(word=word, rest=rest.strip()) for word, _, rest in parts)


def stages() -> list[list[Step]]:
    found: list[list[Step]] = []
    for step in dockerfile():
        if step.word == "FROM":
            found.append([])
        found[-1].append(step)
    return found


def image_environment() -> dict[str, str]:
    steps = [step for step in stages()[-1] if step.word == "ENV"]
    pairs = (word.split("=", 1) for step in steps for word in step.words)
    return {name: value for name, value in pairs if name != "PATH"}


def render() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "render.yaml").read_text())
    return found


def render_environment() -> dict[str, str]:
    """What the service on Render is started with, once a person has filled it in."""
    [service] = render()["services"]
    [group] = render()["envVarGroups"]
    rows = [row for row in service["envVars"] if "key" in row] + group["envVars"]
    return {
        row["key"]: str(row["value"]) if "value" in row else ASKED_FOR[row["key"]]
        for row in rows
    }


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def instances() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = compose()["services"]
    return {name: it for name, it in services.items() if "build" in it}


def compose_environment(instance: dict[str, Any]) -> dict[str, str]:
    """What an instance is started with, once `.env` is filled in with test keys."""
    keys = ASKED_FOR | {"STRIPE_SECRET_KEY": "sk_test_planted"}
    return {
        name: keys[name] if str(value).startswith("${") else str(value)
        for name, value in instance["environment"].items()
    }


def settings_from(environment: dict[str, str]) -> Settings:
    """Read settings from these and from nothing else."""
    given = {name.lower(): value for name, value in environment.items()}
    return Settings.model_validate(given)


def known_settings() -> set[str]:
    return {name.upper() for name in Settings.model_fields}
