"""Who may do what: every route of the app, with every kind of token.

The table is written by hand and compared with the routes that the app really has: a
new route without a row fails.
"""

from dataclasses import dataclass, field
from typing import Final

import pytest
from litestar.routes import HTTPRoute

from entrypoints.http.swagger_ui import FOLDER, MEDIA_TYPES
from tests.http.people import ADA, BAD_TOKENS, GRACE, LIFE, ROOT, Person, changed
from tests.http.service import CREATE, WEBHOOK, Http, Service, refused, settings

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed in"
ADMIN: Final = "admin"
SCRAPER: Final = "scraper"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Who may ask, and what Ada, Grace and the admin get for what is Ada's."""

    who: str
    ada: int
    grace: int
    root: int
    body: dict[str, str] = field(default_factory=dict)

    def filled(self, names: dict[str, str]) -> dict[str, str] | None:
        """Return the body for these names, as the path is filled with them."""
        return {key: text.format(**names) for key, text in self.body.items()} or None


MATRIX: Final = {
    ("POST", CREATE): Row(
        who=SIGNED_IN, ada=200, grace=200, root=200, body={"programId": "choir"}
    ),
    ("POST", "/api/purchases/retry/{purchase_id}"): Row(
        who=SIGNED_IN, ada=200, grace=404, root=404
    ),
    ("GET", "/api/purchases/verify-session/{session_id}"): Row(
        who=SIGNED_IN, ada=200, grace=404, root=404
    ),
    ("GET", "/api/purchases/my-purchases"): Row(
        who=SIGNED_IN, ada=200, grace=200, root=200
    ),
    ("GET", "/api/purchases/my-pending-purchases"): Row(
        who=SIGNED_IN, ada=200, grace=200, root=200
    ),
    ("GET", "/api/purchases/check-access/{program_id}"): Row(
        who=SIGNED_IN, ada=200, grace=200, root=200
    ),
    ("GET", "/api/purchases/{purchase_id}"): Row(
        who=SIGNED_IN, ada=200, grace=404, root=404
    ),
    ("GET", "/api/purchases/{purchase_id}/receipt"): Row(
        who=SIGNED_IN, ada=409, grace=404, root=404
    ),
    ("DELETE", "/api/purchases/{purchase_id}"): Row(
        who=SIGNED_IN, ada=200, grace=404, root=404
    ),
    ("GET", "/api/purchases/refund-eligibility/{purchase_id}"): Row(
        who=SIGNED_IN, ada=200, grace=404, root=404
    ),
    ("POST", "/api/purchases/refund"): Row(
        who=SIGNED_IN,
        ada=409,
        grace=404,
        root=404,
        body={"purchaseId": "{purchase_id}"},
    ),
    **{
        ("POST", f"/api/admin/purchases/{{purchase_id}}/{act}"): Row(
            who=ADMIN, ada=403, grace=403, root=root, body={"reason": "a call"}
        )
        for act, root in (
            ("cancel", 200),
            ("reconcile", 200),
            ("refund", 409),
            ("resend-confirmation", 409),
        )
    },
    **{
        ("POST", f"/api/admin/programs/{{program_id}}/{act}"): Row(
            who=ADMIN, ada=403, grace=403, root=200, body={"reason": "a call"}
        )
        for act in ("retire", "restore", "pause-sales", "resume-sales")
    },
    ("PATCH", "/api/admin/programs/{program_id}"): Row(
        who=ADMIN, ada=403, grace=403, root=200, body={"reason": "a call"}
    ),
    ("POST", "/api/admin/programs"): Row(
        who=ADMIN, ada=403, grace=403, root=400, body={"id": "opera"}
    ),
    ("POST", "/api/admin/programs/price-preview"): Row(
        who=ADMIN, ada=403, grace=403, root=400, body={"currency": "usd"}
    ),
    **{
        ("GET", path): Row(who=ADMIN, ada=403, grace=403, root=200)
        for path in (
            "/api/admin/programs",
            "/api/admin/programs/{program_id}",
            "/api/admin/programs/{program_id}/spots",
        )
    },
    ("GET", "/api/admin/audit"): Row(who=ADMIN, ada=403, grace=403, root=200),
    **{
        ("GET", f"/api/admin/{troubles}"): Row(who=ADMIN, ada=403, grace=403, root=200)
        for troubles in ("findings", "orphans", "events", "mails")
    },
    ("POST", "/api/admin/findings/{finding_id}/repair"): Row(
        who=ADMIN, ada=403, grace=403, root=404, body={"reason": "x", "plan": "0" * 64}
    ),
    ("POST", "/api/admin/events/{event_id}/replay"): Row(
        who=ADMIN, ada=403, grace=403, root=404, body={"reason": "a call"}
    ),
    ("POST", "/api/admin/mails/{mail_id}/resend"): Row(
        who=ADMIN, ada=403, grace=403, root=404, body={"reason": "a call"}
    ),
    **{
        ("GET", f"/api/admin/purchases{more}"): Row(
            who=ADMIN, ada=403, grace=403, root=200
        )
        for more in ("", "/stats", "/{purchase_id}", "/{purchase_id}/refund-preview")
    },
    ("GET", "/api/programs"): Row(who=PUBLIC, ada=200, grace=200, root=200),
    ("GET", "/api/programs/{program_id}"): Row(
        who=PUBLIC, ada=200, grace=200, root=200
    ),
    ("POST", WEBHOOK): Row(who=PUBLIC, ada=400, grace=400, root=400),
    ("GET", "/api/system/health"): Row(who=PUBLIC, ada=200, grace=200, root=200),
    ("GET", "/api/system/ready"): Row(who=PUBLIC, ada=200, grace=200, root=200),
    ("GET", "/api/system/metrics"): Row(who=SCRAPER, ada=401, grace=401, root=401),
    ("GET", "/api/system/locks"): Row(who=ADMIN, ada=403, grace=403, root=200),
    **{
        ("GET", path): Row(who=PUBLIC, ada=200, grace=200, root=200)
        for path in (
            "/schema",
            "/schema/swagger",
            "/schema/openapi.json",
            "/schema/openapi.yaml",
            "/schema/openapi.yml",
            "/schema/oauth2-redirect.html",
            *(f"/schema/{FOLDER}/{name}" for name in MEDIA_TYPES),
        )
    },
    ("GET", "/schema/{path}"): Row(who=PUBLIC, ada=404, grace=404, root=404),
}


def routes(service: Service) -> set[tuple[str, str]]:
    return {
        (str(method), route.path_format)
        for route in service.app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"
    }


def test_every_route_has_a_row(service: Service) -> None:
    assert routes(service) == set(MATRIX)


@pytest.fixture
async def adas(http: Http) -> dict[str, str]:
    """Let Ada begin a purchase; return what fills the templates of paths."""
    begun = await http.buy(ADA)
    return {
        "purchase_id": begun["purchaseId"],
        "session_id": begun["sessionId"],
        "program_id": "choir",
        "path": "nothing",
        "finding_id": "0" * 20,
        "event_id": "evt_1",
        "mail_id": f"{begun['purchaseId']}.7",
    }


@pytest.mark.parametrize(("method", "template"), MATRIX)
async def test_a_token_of_which_anything_is_wrong_is_no_token(
    http: Http, adas: dict[str, str], method: str, template: str
) -> None:
    row = MATRIX[method, template]
    bodies = set()
    for name, make in BAD_TOKENS.items():
        token = make()
        headers = {} if token is None else {"Authorization": token}
        response = await http.ask(
            method,
            template.format(**adas),
            headers=headers | {"X-Request-Id": "the-same-one"},
            json=row.filled(adas),
        )
        if row.who == PUBLIC:
            assert response.status_code == row.ada, name
            continue
        assert refused(response) == (
            401,
            "authentication_required",
            "Authentication required.",
        ), name
        assert response.headers["www-authenticate"] == "Bearer"
        bodies.add(response.content)
    assert len(bodies) == (0 if row.who == PUBLIC else 1)


@pytest.mark.parametrize("person", [ADA, GRACE, ROOT], ids=lambda person: person.id)
@pytest.mark.parametrize(("method", "template"), MATRIX)
async def test_everybody_gets_what_is_theirs(
    http: Http, adas: dict[str, str], method: str, template: str, person: Person
) -> None:
    row = MATRIX[method, template]

    response = await http.ask(
        method, template.format(**adas), by=person, json=row.filled(adas)
    )

    assert response.status_code == getattr(
        row, "grace" if person is GRACE else person.id
    )
    if response.status_code == 403:
        assert refused(response) == (403, "access_denied", "Access denied.")


async def test_two_tokens_are_one_doubt(http: Http) -> None:
    twice = [("Authorization", f"Bearer {ADA.token}")] * 2

    response = await http.client.get("/api/purchases/my-purchases", headers=twice)

    assert refused(response)[0] == 401


async def test_a_clock_that_is_a_little_off_locks_nobody_out(http: Http) -> None:
    now = ADA.claims["exp"] - LIFE
    for claims in ({"exp": now - 5}, {"iat": now + 5}, {"nbf": now + 5}):
        headers = {"Authorization": f"Bearer {changed(**claims)()}"}

        response = await http.get("/api/purchases/my-purchases", headers=headers)

        assert response.status_code == 200, claims


async def test_without_a_role_one_is_a_user_and_without_a_name_one_has_an_address(
    http: Http, service: Service
) -> None:
    token = changed(role=None, name=None)()
    headers = {"Authorization": f"Bearer {token}"}

    response = await http.post(CREATE, headers=headers, json={"programId": "choir"})
    locks = await http.get("/api/system/locks", headers=headers)

    assert response.status_code == 200
    assert locks.status_code == 403
    [purchase] = service.store.rows.values()
    assert purchase.buyer.name == "ada"


async def test_in_production_the_document_is_for_admins() -> None:
    live = settings(app_env="production", allowed_hosts="api.example")
    http = Http(Service(settings=live).app)

    statuses = [
        (await http.get("/schema/openapi.json", by=person)).status_code
        for person in (None, ADA, ROOT)
    ]

    assert statuses == [401, 403, 200]


@pytest.mark.parametrize("template", sorted({path for _, path in MATRIX}))
async def test_asking_for_the_methods_tells_no_more_than_the_route_may(
    http: Http, adas: dict[str, str], template: str
) -> None:
    response = await http.client.request("OPTIONS", template.format(**adas))

    assert response.status_code in {204, 401}
