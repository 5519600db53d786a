"""One click, seen from the outside in: the request, Stripe, the database."""

from dependency_injector import providers

from adapters.opentelemetry.tracing import OpenTelemetryTracing
from entrypoints.container import Container
from tests.examples import CHOIR, a_program
from tests.servers.collector import collector, facts
from tests.servers.live_service import live_service
from tests.servers.service import JWT_SECRET, bearer


async def test_a_checkout_is_one_trace_and_names_nobody(
    mongo_uri: str, database_name: str
) -> None:
    with collector() as gathered:

        def trace(container: Container) -> None:
            tracing = OpenTelemetryTracing(
                endpoint=gathered.url, version="1", environment="test"
            )
            container.tracing.override(providers.Object(tracing))

        async with live_service(mongo_uri, database_name, prepare=trace) as service:
            await service.offer(a_program())
            answer = await service.check_out("ada", CHOIR, as_class_rep=True)
            request_id = answer.headers["x-request-id"]
        # It was sent when the service hung up.

        [root] = gathered.named("POST /api/purchases/create-checkout-session")
        inside = [span for span in gathered.spans if span.trace_id == root.trace_id]
        names = {span.name for span in inside}
        assert facts(root)["spothold.request_id"] == request_id
        assert facts(root)["http.response.status_code"] == 200
        assert "stripe create_session" in names
        assert any(name.startswith("mongo ") and "purchases" in name for name in names)
        assert all(span.parent_span_id or span == root for span in inside)
        assert [span for span in gathered.spans if span.name.startswith("job ")]
        for body in gathered.bodies:
            for word in ("ada@example.org", "Ada", JWT_SECRET, "sk_test", "cs_test"):
                assert word.encode() not in body
            assert bearer("ada")["Authorization"][7:].encode() not in body
