import json
import re
from typing import Any, Final

import jsonschema_rs

from tests.http.people import ADA
from tests.http.service import Http, Service, document

COMPONENTS: Final = document()["components"]


def operations() -> list[tuple[str, str, Any]]:
    return [
        (method, path, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def schema_of(content: Any) -> Any:
    return {**content["schema"], "components": COMPONENTS}


def test_it_is_openapi_3_1_with_a_bearer_token() -> None:
    assert document()["openapi"].startswith("3.1")
    [scheme] = COMPONENTS["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_every_operation_has_a_summary_and_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len(set(names)) == len(names)
    assert all(operation["summary"] for _, _, operation in operations())


def test_who_needs_no_token_is_told() -> None:
    open_to_all = {
        path for _, path, operation in operations() if operation.get("security") == [{}]
    }

    assert open_to_all == {
        "/api/programs",
        "/api/programs/{program_id}",
        "/api/system/health",
        "/api/system/ready",
        "/api/webhooks/stripe",
    }
    for _, path, operation in operations():
        assert ("401" in operation["responses"]) == (path not in open_to_all)


def test_every_example_fits_its_schema() -> None:
    seen = 0
    for _, _, operation in operations():
        for response in operation["responses"].values():
            for content in response["content"].values():
                for example in content.get("examples", {}).values():
                    jsonschema_rs.validate(schema_of(content), example["value"])
                    seen += 1
    assert seen > 100


def test_every_refusal_has_its_status_in_its_example() -> None:
    for _, _, operation in operations():
        for status, response in operation["responses"].items():
            for example in problems(response):
                assert example["status"] == int(status)
                assert re.fullmatch("[a-z_]+", example["code"])


def problems(response: Any) -> list[Any]:
    content = response["content"].get("application/problem+json", {})
    return [example["value"] for example in content.get("examples", {}).values()]


async def test_answers_are_as_the_document_says(http: Http, service: Service) -> None:
    begun = await http.buy(ADA)
    service.pay(begun["sessionId"])
    purchase = begun["purchaseId"]
    asked = {
        f"/api/purchases/verify-session/{begun['sessionId']}": (
            "/api/purchases/verify-session/{session_id}"
        ),
        f"/api/purchases/{purchase}": "/api/purchases/{purchase_id}",
        f"/api/purchases/{purchase}/receipt": "/api/purchases/{purchase_id}/receipt",
        "/api/purchases/my-purchases": "/api/purchases/my-purchases",
        "/api/programs": "/api/programs",
        "/api/programs/choir": "/api/programs/{program_id}",
        "/api/system/health": "/api/system/health",
        "/api/system/ready": "/api/system/ready",
    }
    for path, template in asked.items():
        response = await http.get(path, by=ADA)

        said = document()["paths"][template]["get"]["responses"]["200"]
        content = said["content"]["application/json"]
        jsonschema_rs.validate(schema_of(content), response.json())


async def test_the_document_is_served(http: Http) -> None:
    response = await http.get("/schema/openapi.json")
    page = await http.get("/schema")

    assert response.json() == json.loads(json.dumps(document()))
    assert page.headers["content-type"].startswith("text/html")
    assert not any(path.startswith("/schema") for path in document()["paths"])
