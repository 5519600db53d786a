import pytest

from entrypoints.http.headers import put
from tests.http.people import ADA
from tests.http.service import CREATE, Http, Service, refused, settings

SHOP = "https://shop.example"
EVERYWHERE = [
    ("GET", "/api/programs"),
    ("GET", "/api/system/health"),
    ("GET", "/api/purchases/my-purchases"),
    ("GET", "/nowhere"),
    ("PUT", "/api/programs"),
    ("POST", CREATE),
    ("POST", "/api/webhooks/stripe"),
    ("GET", "/schema/openapi.json"),
]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
async def test_every_answer_is_guarded(http: Http, method: str, path: str) -> None:
    response = await http.ask(method, path)

    headers = response.headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers
    assert "server" not in headers
    assert len(headers["x-request-id"]) == 32


async def test_only_the_page_of_the_document_may_run_scripts(http: Http) -> None:
    page = await http.get("/schema/swagger")
    answer = await http.get("/api/programs")

    assert "script-src" in page.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


async def test_production_insists_on_https() -> None:
    live = settings(app_env="production", allowed_hosts="api.example")
    http = Http(Service(settings=live).app)

    response = await http.get("/api/system/health")

    assert response.headers["strict-transport-security"].startswith("max-age=")


async def test_a_sane_request_id_is_kept(http: Http) -> None:
    response = await http.get("/nowhere", headers={"X-Request-Id": "from-the-edge.1"})

    assert response.headers["x-request-id"] == "from-the-edge.1"
    assert response.json()["requestId"] == "from-the-edge.1"


@pytest.mark.parametrize(
    "offered", ["short", "a" * 65, "with space", "<script>alert(1)", "éééééééé", ""]
)
async def test_any_other_request_id_is_replaced(http: Http, offered: str) -> None:
    headers = {b"X-Request-Id": offered.encode()}

    response = await http.client.get("/nowhere", headers=headers)

    assert response.headers["x-request-id"] != offered
    assert len(response.headers["x-request-id"]) == 32


def with_hosts() -> Http:
    hosts = settings(allowed_hosts="api.example, other.example:8443, [::1]")
    return Http(Service(settings=hosts).app)


@pytest.mark.parametrize(
    "host",
    [
        "api.example",
        "API.EXAMPLE",
        "api.example:8000",
        "other.example:8443",
        "[::1]",
        "[::1]:8000",
    ],
)
async def test_our_hosts_are_answered(host: str) -> None:
    response = await with_hosts().get("/api/system/health", headers={"Host": host})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "api.example.evil.example",
        "evil.example:api.example",
        "api.example:x",
        "apixexample",
        "other.example",
        "other.example:80",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/api/system/health", "/nowhere"])
async def test_other_hosts_are_refused(host: str, path: str) -> None:
    response = await with_hosts().get(path, headers={"Host": host})

    assert refused(response) == (
        400,
        "invalid_host",
        "This service does not answer for that host.",
    )
    assert response.headers["cache-control"] == "no-store"


def with_origins() -> Http:
    return Http(Service(settings=settings(cors_origins=SHOP)).app)


async def test_our_front_end_may_read_and_ask() -> None:
    http = with_origins()
    preflight = await http.client.options(
        CREATE,
        headers={
            "Origin": SHOP,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        },
    )
    answer = await http.get("/api/programs", headers={"Origin": SHOP})

    assert preflight.status_code == 204
    for response in (preflight, answer):
        assert response.headers["access-control-allow-origin"] == SHOP
        assert "access-control-allow-credentials" not in response.headers


async def test_a_refusal_can_be_read_by_our_front_end_too() -> None:
    response = await with_origins().post(CREATE, headers={"Origin": SHOP})

    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://shopxexample",
        "https://evil.example/https://shop.example",
        "null",
    ],
)
async def test_no_other_page_may(origin: str) -> None:
    http = with_origins()
    preflight = await http.client.options(
        CREATE, headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
    )
    answer = await http.get("/api/programs", by=ADA, headers={"Origin": origin})

    assert preflight.status_code == 400
    for response in (preflight, answer):
        assert "access-control-allow-origin" not in response.headers


async def test_without_origins_no_page_may(http: Http) -> None:
    response = await http.get("/api/programs", headers={"Origin": SHOP})

    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("listed", ["cors_origins", "trusted_proxies", "allowed_hosts"])
def test_nobody_may_be_named_by_a_star(listed: str) -> None:
    with pytest.raises(ValueError, match="without"):
        settings(**{listed: "*"})


def test_what_we_say_of_an_answer_is_said_once() -> None:
    answer = {"headers": [(b"Cache-Control", b"public"), (b"vary", b"Origin")]}

    put({"Cache-Control": "no-store"}, into=answer)

    assert answer["headers"] == [(b"vary", b"Origin"), (b"cache-control", b"no-store")]
