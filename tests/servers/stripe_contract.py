"""Hold traffic against Stripe's own OpenAPI description, closed.

Closed: an answer may carry no field that Stripe does not describe, so the simulator
cannot invent one that the service then comes to rely on.
"""

import copy
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import jsonschema_rs

from entrypoints.stripe_simulator.account import API_VERSION, JsonObject
from entrypoints.stripe_simulator.exchanges import Exchange
from tests.requirements import TOOLS

WHEEL = TOOLS / "seahaven_stripe_world-0.3.0-py3-none-any.whl"
SPEC = "seahaven_stripe_world/spec/spec3.json"
FORM = "application/x-www-form-urlencoded"
ERRORS = 400
# Calls that Stripe's command makes and Stripe's description leaves out.
UNDESCRIBED = {
    "/v1/payment_pages/{id}": "checkout.session",
    "/v1/payment_pages/{id}/confirm": "checkout.session",
    "/v1/events/{id}/retry": "event",
    "/v1/stripecli/sessions": None,
}


class StripeContract:
    """An observer for `SimulatorConfig`; it gathers whatever breaks the contract."""

    def __init__(self, description: "Description") -> None:
        self.description = description
        self.violations: list[str] = []
        self.exchanges = 0

    def exchange(self, exchange: Exchange) -> None:
        self.exchanges += 1
        where = f"{exchange.method} {exchange.path} -> {exchange.status}"
        if exchange.status < ERRORS:
            for problem in self.description.problems_of_request(exchange):
                self.violations.append(f"{where}, request: {problem}")
        for problem in self.description.problems_of_answer(exchange):
            self.violations.append(f"{where}, answer: {problem}")

    def event(self, event: JsonObject) -> None:
        subject = event["data"]["object"]
        checks = [("event", event), (subject["object"], subject)]
        for schema, instance in checks:
            for problem in self.description.problems(schema, instance):
                self.violations.append(f"event {event['type']}: {problem}")


class Description:
    """Stripe's description, read strictly."""

    def __init__(self, spec: JsonObject) -> None:
        _take_endive(spec)
        self.paths = {
            re.sub(r"\{\w+\}", "{id}", path): item
            for path, item in spec["paths"].items()
        }
        self.open_schemas: JsonObject = _strict(spec["components"]["schemas"])
        self.schemas = {
            name: _closed(schema) for name, schema in self.open_schemas.items()
        }
        self.validators: dict[str, jsonschema_rs.Validator] = {}

    def problems_of_request(self, exchange: Exchange) -> list[str]:
        if exchange.operation is None or exchange.operation in UNDESCRIBED:
            return []
        schema = self._request_schema(exchange)
        sent = _coerced(exchange.params, schema)
        key = f"{exchange.method} {exchange.operation} {exchange.version}"
        return self._check(key, schema, sent)

    def problems_of_answer(self, exchange: Exchange) -> list[str]:
        if exchange.status >= ERRORS:
            return self.problems("error", exchange.answer)
        if exchange.operation in UNDESCRIBED:
            name = UNDESCRIBED[exchange.operation]
            return self.problems(name, exchange.answer) if name else []
        operation = self._operation(exchange)
        content = operation["responses"]["200"]["content"]["application/json"]
        key = f"{exchange.method} {exchange.operation} answer"
        return self._check(key, _closed(_strict(content["schema"])), exchange.answer)

    def problems(self, name: str, instance: JsonObject) -> list[str]:
        return self._check(name, {"$ref": f"#/components/schemas/{name}"}, instance)

    def _operation(self, exchange: Exchange) -> JsonObject:
        operation: JsonObject = self.paths[exchange.operation or ""][
            exchange.method.lower()
        ]
        return operation

    def _request_schema(self, exchange: Exchange) -> JsonObject:
        operation = self._operation(exchange)
        if exchange.method == "GET":
            parameters = operation["parameters"]
            queries = [item for item in parameters if item["in"] == "query"]
            properties = {item["name"]: item["schema"] for item in queries}
            queried = {"type": "object", "properties": properties}
            return _closed(_strict(queried))
        body = operation["requestBody"]["content"][FORM]["schema"]
        schema = _strict(copy.deepcopy(body))
        is_create = exchange.operation == "/v1/checkout/sessions"
        if is_create and exchange.version != API_VERSION:
            renamed = schema["properties"]["allowed_payment_method_types"]
            schema["properties"]["payment_method_types"] = renamed
        return _closed(schema)

    def _check(self, key: str, schema: JsonObject, instance: Any) -> list[str]:
        if key not in self.validators:
            whole = {**schema, "components": {"schemas": self.schemas}}
            self.validators[key] = jsonschema_rs.Draft202012Validator(whole)
        errors = self.validators[key].iter_errors(instance)
        return [f"{list(error.instance_path)}: {error.message}" for error in errors]


@cache
def stripe_description(wheel: Path = WHEEL) -> Description:
    with ZipFile(wheel) as archive:
        return Description(json.loads(archive.read(SPEC)))


def _take_endive(spec: JsonObject) -> None:
    """Apply what changed between the packaged release and the SDK's, a renaming."""
    create = spec["paths"]["/v1/checkout/sessions"]["post"]
    sent = create["requestBody"]["content"][FORM]["schema"]["properties"]
    sent["allowed_payment_method_types"] = sent.pop("payment_method_types")
    schemas = spec["components"]["schemas"]
    intent, session = schemas["payment_intent"], schemas["checkout.session"]
    name = "allowed_payment_method_types"
    session["properties"][name] = intent["properties"][name]


def _strict(schema: JsonObject) -> JsonObject:
    """Say OpenAPI's `nullable` in JSON Schema's words, all the way down."""
    return _rewritten(schema, _say_nullable)


def _closed(schema: JsonObject) -> JsonObject:
    """Refuse unknown fields wherever the fields are listed, all the way down."""
    return _rewritten(schema, _close)


def _say_nullable(schema: JsonObject) -> JsonObject:
    kept = {key: value for key, value in schema.items() if key != "nullable"}
    is_nullable = schema.get("nullable") is True
    return {"anyOf": [kept, {"type": "null"}]} if is_nullable else kept


def _close(schema: JsonObject) -> JsonObject:
    has_fields = schema.get("type") == "object" and schema.get("properties")
    is_open = has_fields and "additionalProperties" not in schema
    return {**schema, "additionalProperties": False} if is_open else schema


def _rewritten(
    schema: JsonObject, rewrite: Callable[[JsonObject], JsonObject]
) -> JsonObject:
    def inside(value: Any) -> Any:
        if isinstance(value, list):
            return [inside(item) for item in value]
        return _rewritten(value, rewrite) if isinstance(value, dict) else value

    return rewrite({key: inside(value) for key, value in schema.items()})


def _coerced(value: Any, schema: JsonObject) -> Any:
    """Give form text the type that the description asks for, where it can have it."""
    if "anyOf" in schema:
        choices = [_coerced(value, option) for option in schema["anyOf"]]
        fitting = [
            choice
            for choice, option in zip(choices, schema["anyOf"], strict=True)
            if jsonschema_rs.is_valid(option, choice)
        ]
        return fitting[0] if fitting else choices[0]
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return {key: _coerced(item, known.get(key, {})) for key, item in value.items()}
    if isinstance(value, list):
        return [_coerced(item, schema.get("items", {})) for item in value]
    return _typed(value, schema.get("type"))


def _typed(text: str, kind: str | None) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text
