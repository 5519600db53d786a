"""Every route, who may use it, and what it answers."""

from collections.abc import Iterator
from typing import Any, Final

from entrypoints.reference.documented import Route, document, every_route
from entrypoints.reference.tables import table

INTRODUCTION: Final = """# The API

JSON in camelCase. Success is `{"success": true, "data": …}`; a refusal is a problem
document (RFC 9457) with a stable `code`, and [each code has its line](errors.md). Times
are RFC 3339 in UTC, money is a whole number of minor units beside its `currency`. Who
asks says so with `Authorization: Bearer <JWT>`. The service describes itself more
closely at `/schema`, to admins in production.
"""


def page() -> str:
    tags = sorted({_tag(route) for route in every_route()})
    return INTRODUCTION + "".join(f"\n## {tag}\n{_section(tag)}" for tag in tags)


def _section(tag: str) -> str:
    return "".join(_described(route) for route in every_route() if _tag(route) == tag)


def _tag(route: Route) -> str:
    return str(route.operation.get("tags", ["Other"])[0])


def _described(route: Route) -> str:
    said = route.operation
    paragraphs = [
        f"### `{route.method} {route.path}`",
        f"{said['summary']}.",
        _cleaned(said.get("description", "")),
        "\n".join(_parameters(route)),
        table(["Answer", "Codes"], _answers(route)),
    ]
    return "\n" + "\n\n".join(text for text in paragraphs if text) + "\n"


def _cleaned(description: str) -> str:
    return " ".join(description.split())


def _parameters(route: Route) -> Iterator[str]:
    for each in route.operation.get("parameters", []):
        need = "" if each.get("required") else ", may be left out"
        words = each.get("description") or each.get("schema", {}).get("description", "")
        yield f"* `{each['name']}` ({each['in']}{need}) {words}".rstrip()
    content = route.operation.get("requestBody", {}).get("content", {})
    for media, body in content.items():
        fields = ", ".join(f"`{name}`" for name in _fields(body.get("schema", {})))
        yield f"* body ({media}) {fields}".rstrip()


def _fields(schema: dict[str, Any]) -> list[str]:

    name = schema.get("$ref", "").rpartition("/")[2]
    known = document()["components"]["schemas"].get(name, schema)
    return list(known.get("properties", {}))


def _answers(route: Route) -> Iterator[tuple[str, str]]:
    for status, response in sorted(route.operation["responses"].items()):
        yield status, ", ".join(f"`{code}`" for code, _ in codes_of(response))


def codes_of(response: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the codes that a response declares, each with its example."""
    for content in response.get("content", {}).values():
        for example in content.get("examples", {}).values():
            value = example.get("value", {})
            if isinstance(value, dict) and "code" in value:
                yield str(value["code"]), value
