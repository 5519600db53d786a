"""Read decoded parameters strictly: what is not asked for by name is refused."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from entrypoints.stripe_simulator.refusals import (
    bad_parameter,
    missing_parameter,
    unknown_parameter,
)

METADATA_PAIRS = 50
METADATA_KEY = 40
METADATA_VALUE = 500
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


class Params:
    """One level of parameters; `where` is how error messages name it."""

    def __init__(self, values: dict[str, Any], where: str = "") -> None:
        self.values = values
        self.where = where

    def name(self, key: str) -> str:
        return f"{self.where}[{key}]" if self.where else key

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def only(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                raise unknown_parameter(self.name(key))

    def text(self, key: str, *, longest: int = 5000) -> str | None:
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise bad_parameter(f"Invalid string: {value}", self.name(key))
        if len(value) > longest:
            message = f"Invalid string: {value[:20]}...; must be at most {longest}"
            raise bad_parameter(f"{message} characters", self.name(key))
        return value

    def needed_text(self, key: str) -> str:
        value = self.text(key)
        if value is None:
            raise missing_parameter(self.name(key))
        return value

    def choice(self, key: str, choices: Iterable[str]) -> str | None:
        value = self.text(key)
        if value is not None and value not in (allowed := list(choices)):
            message = f"Invalid {self.name(key)}: must be one of {', '.join(allowed)}"
            raise bad_parameter(message, self.name(key))
        return value

    def integer(self, key: str, *, least: int = 0) -> int | None:
        value = self.text(key)
        if value is None:
            return None
        if not re.fullmatch(r"-?\d{1,15}", value):
            code = "parameter_invalid_integer"
            raise bad_parameter(f"Invalid integer: {value}", self.name(key), code)
        if int(value) < least:
            message = f"This value must be greater than or equal to {least}."
            code = "parameter_invalid_integer"
            raise bad_parameter(message, self.name(key), code)
        return int(value)

    def boolean(self, key: str) -> bool | None:
        value = self.choice(key, ["true", "false"])
        return None if value is None else value == "true"

    def level(self, key: str) -> "Params":
        value = self.values.get(key) or {}
        if not isinstance(value, dict):
            raise bad_parameter("Invalid object", self.name(key))
        return Params(value, self.name(key))

    def levels(self, key: str) -> list["Params"]:
        elements = enumerate(self._elements(key))
        levels = [Params(value, f"{self.name(key)}[{at}]") for at, value in elements]
        if not all(isinstance(level.values, dict) for level in levels):
            raise bad_parameter("Invalid array", self.name(key))
        return levels

    def texts(self, key: str) -> list[str]:
        elements = self._elements(key)
        if not all(isinstance(value, str) for value in elements):
            raise bad_parameter("Invalid array", self.name(key))
        return elements

    def url(self, key: str) -> str | None:
        value = self.text(key)
        if value is None:
            return None
        parts = urlsplit(value.replace("{CHECKOUT_SESSION_ID}", "id"))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise bad_parameter("Not a valid URL", self.name(key), "url_invalid")
        return value

    def email(self, key: str) -> str | None:
        value = self.text(key, longest=800)
        if value is not None and not EMAIL.match(value):
            message = f"Invalid email address: {value}"
            raise bad_parameter(message, self.name(key), "email_invalid")
        return value

    def metadata(self, key: str = "metadata") -> dict[str, str]:
        pairs = self.level(key).values
        if len(pairs) > METADATA_PAIRS:
            message = f"You can have at most {METADATA_PAIRS} metadata pairs."
            raise bad_parameter(message, self.name(key))
        for label, value in pairs.items():
            self._check_pair(key, label, value)
        return {label: value for label, value in pairs.items() if value != ""}

    def _check_pair(self, key: str, label: str, value: Any) -> None:
        param = f"{self.name(key)}[{label}]"
        if len(label) > METADATA_KEY:
            message = f"Metadata keys can have up to {METADATA_KEY} characters: {label}"
            raise bad_parameter(message, param)
        if not isinstance(value, str):
            raise bad_parameter("Metadata values must be strings.", param)
        if len(value) > METADATA_VALUE:
            message = f"Metadata values can have up to {METADATA_VALUE} characters, but"
            passed = f"you passed in a value that is {len(value)} characters."
            raise bad_parameter(f"{message} {passed}", param)

    def _elements(self, key: str) -> list[Any]:
        value = self.values.get(key) or []
        if not isinstance(value, list):
            raise bad_parameter("Invalid array", self.name(key))
        return value
