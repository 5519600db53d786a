"""The service as tests run it: real inside, fakes outside."""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Final

import httpx
from dependency_injector import providers
from litestar import Litestar

from adapters.in_memory.locks import InMemoryKeyedLock
from adapters.stripe.webhooks import StripeWebhookVerifier
from application.claim_key import IdempotencyInProgress
from application.ports.locks import KeyedLock
from application.ports.payment_events import EventKind
from domain.checkout import CheckoutSession
from domain.ids import ProgramId, PurchaseId, SessionId
from domain.money import Money
from domain.program import Program, TermsOfSale
from domain.purchase import Purchase
from domain.unsettled_money import Promise
from entrypoints.http.app import create_app
from entrypoints.http.background import MailLoop
from entrypoints.http.jobs import JobRunner
from entrypoints.http.leaving import Leaving
from entrypoints.settings import Settings
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.archive import InMemoryPurchaseArchive
from entrypoints.simulation.outside.audit import InMemoryAuditLog
from entrypoints.simulation.outside.bell import RecordingBell
from entrypoints.simulation.outside.clock import NOON, ManualClock
from entrypoints.simulation.outside.event_log import InMemoryEventLog
from entrypoints.simulation.outside.figures import InMemoryFigures
from entrypoints.simulation.outside.findings import InMemoryFindingRepository
from entrypoints.simulation.outside.hearing import InMemoryHearing
from entrypoints.simulation.outside.history import FakePaymentHistory
from entrypoints.simulation.outside.idempotency import InMemoryIdempotencyKeys
from entrypoints.simulation.outside.ledger_days import InMemoryLedgerDays
from entrypoints.simulation.outside.metrics import RecordingMetrics
from entrypoints.simulation.outside.orphans import InMemoryOrphanRepository
from entrypoints.simulation.outside.payments import FakePaymentGateway
from entrypoints.simulation.outside.programs import InMemoryProgramRepository
from entrypoints.simulation.outside.purchases import (
    InMemoryMailOutbox,
    InMemoryPurchaseRepository,
    PurchaseStore,
)
from entrypoints.simulation.outside.randomness import SeededRandomness
from entrypoints.simulation.outside.refunds import FakeRefundGateway
from entrypoints.simulation.outside.survey import InMemorySurvey
from entrypoints.simulation.outside.trail import InMemoryTrail
from entrypoints.simulation.outside.turns import InMemoryTurns
from entrypoints.use_cases import UseCases
from tests.examples import COOL_DOWN
from tests.http.people import AUDIENCE, ISSUER, JWT_SECRET, Person
from tests.http.stand_ins import FakeHealth, Gated

WEBHOOK_SECRET: Final = "whsec_that_only_stripe_knows"
STRANGER: Final = "203.0.113.7"
EPOCH_NOON: Final = int(NOON.timestamp())
IN_PROGRESS: Final = IdempotencyInProgress.code
WEBHOOK: Final = "/api/webhooks/stripe"
CREATE: Final = "/api/purchases/create-checkout-session"


def settings(**changes: Any) -> Settings:
    """Return settings for a test, whatever the environment says."""
    given: dict[str, Any] = {
        "_env_file": None,
        "app_env": "test",
        "mongodb_uri": None,
        "jwt_audience": AUDIENCE,
        "jwt_issuer": ISSUER,
        "jwt_secret": JWT_SECRET,
        "rate_limit_address": "10000/minute",
        "rate_limit_cancel": "10000/minute",
        "rate_limit_checkout": "10000/minute",
        "rate_limit_webhook": "10000/minute",
        "smtp_url": "smtp://localhost",
        "stripe_secret_key": "sk_test_planted",
        "stripe_webhook_secret": WEBHOOK_SECRET,
    }
    return Settings(**(given | changes))


def sign(body: bytes, *, at: int | None = None, secret: str = WEBHOOK_SECRET) -> str:
    """Sign as https://docs.stripe.com/webhooks#verify-manually says, by hand."""
    when = EPOCH_NOON if at is None else at
    signed = f"{when}.".encode() + body
    return f"t={when},v1={hmac.new(secret.encode(), signed, sha256).hexdigest()}"


def session_json(session: CheckoutSession) -> dict[str, Any]:
    """Write a session as Stripe does."""
    payer = session.payer
    return {
        "id": session.id,
        "object": "checkout.session",
        "status": session.status.value,
        "payment_status": session.payment_status.value,
        "mode": "payment",
        "amount_total": session.amount_total,
        "currency": session.currency,
        "livemode": session.livemode,
        "created": int(session.created_at.timestamp()),
        "expires_at": int(session.expires_at.timestamp()),
        "url": session.url,
        "payment_intent": session.payment_intent,
        "client_reference_id": session.purchase_id,
        "metadata": {
            "app": session.app,
            "environment": session.environment,
            "purchase_id": session.purchase_id,
        },
        "customer_details": {
            "name": payer.name,
            "email": payer.email,
            "address": {"country": payer.country},
        },
    }


def event_json(subject: dict[str, Any], kind: EventKind, *, livemode: bool) -> bytes:
    told = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": EPOCH_NOON,
        "livemode": livemode,
        "type": "customer.created" if kind is EventKind.OTHER else kind.value,
        "data": {"object": subject},
    }
    return json.dumps(told).encode()


USUAL: Final = settings()


@cache
def usual_app() -> tuple[UseCases, Litestar]:
    use_cases = UseCases()
    return use_cases, create_app(use_cases, USUAL)


@dataclass(kw_only=True)
class Service:
    """One service and everything around it that a test may look at or break.

    `is_apart`: not the app that tests share, of which there is one at a time.
    """

    settings: Settings = field(default_factory=lambda: USUAL)
    is_apart: bool = False
    locks: KeyedLock = field(default_factory=InMemoryKeyedLock)
    mail_loop: MailLoop | None = None
    jobs: JobRunner | None = None
    leaving: Leaving | None = None
    alerts: RecordingAlerts = field(default_factory=RecordingAlerts)
    audit: InMemoryAuditLog = field(default_factory=InMemoryAuditLog)
    clock: ManualClock = field(default_factory=ManualClock)
    event_log: InMemoryEventLog = field(default_factory=InMemoryEventLog)
    findings: InMemoryFindingRepository = field(
        default_factory=InMemoryFindingRepository
    )
    health: FakeHealth = field(default_factory=FakeHealth)
    keys: InMemoryIdempotencyKeys = field(default_factory=InMemoryIdempotencyKeys)
    hearing: InMemoryHearing = field(default_factory=InMemoryHearing)
    metrics: RecordingMetrics = field(default_factory=RecordingMetrics)
    orphans: InMemoryOrphanRepository = field(default_factory=InMemoryOrphanRepository)
    store: PurchaseStore = field(default_factory=PurchaseStore)
    storage: Gated = field(default_factory=Gated)
    trail: InMemoryTrail = field(default_factory=InMemoryTrail)
    turns: InMemoryTurns = field(default_factory=InMemoryTurns)

    def __post_init__(self) -> None:
        self.payments = FakePaymentGateway(self.clock)
        self.refunds = FakeRefundGateway(payments=self.payments)
        self.history = FakePaymentHistory(payments=self.payments, refunds=self.refunds)
        self.programs = InMemoryProgramRepository(gate=self.storage)
        self.purchases = InMemoryPurchaseRepository(gate=self.storage, store=self.store)
        self.archive = InMemoryPurchaseArchive(
            gate=self.storage, programs=self.programs, store=self.store
        )
        self.figures = InMemoryFigures(
            gate=self.storage, programs=self.programs, store=self.store
        )
        self.use_cases, self.app = self._assembled()
        self.use_cases.reset_singletons()
        for name, it in self._given().items():
            getattr(self.use_cases, name).override(providers.Object(it))

    def _assembled(self) -> tuple[UseCases, Litestar]:
        """Assemble an app, or take the one that most tests share: it costs 0.1 s."""
        if self.settings is USUAL and not self.is_apart:
            return usual_app()
        use_cases = UseCases()
        app = create_app(
            use_cases,
            self.settings,
            mail_loop=self.mail_loop,
            jobs=self.jobs,
            leaving=self.leaving,
        )
        return use_cases, app

    def _given(self) -> dict[str, object]:
        return {
            "alerts": self.alerts,
            "archive": self.archive,
            "audit": self.audit,
            "bell": RecordingBell(),
            "clock": self.clock,
            "event_log": self.event_log,
            "figures": self.figures,
            "findings": self.findings,
            "health": self.health,
            "idempotency_keys": self.keys,
            "hearing": self.hearing,
            "history": self.history,
            "ledger_days": InMemoryLedgerDays(),
            "locks": self.locks,
            "orphans": self.orphans,
            "metrics": self.metrics,
            "outbox": InMemoryMailOutbox(store=self.store),
            "payments": self.payments,
            "programs": self.programs,
            "purchases": self.purchases,
            "randomness": SeededRandomness(),
            "refunds": self.refunds,
            "survey": InMemorySurvey(programs=self.programs, store=self.store),
            "trail": self.trail,
            "turns": self.turns,
            "promise": Promise(ours=timedelta(hours=24)),
            "refund_window": timedelta(days=30),
            "verifier": StripeWebhookVerifier([WEBHOOK_SECRET], clock=self.clock),
            "app": "spothold",
            "cool_down": COOL_DOWN,
            "environment": "test",
            "frontend_url": "https://shop.example",
            "hold": timedelta(minutes=35),
            "livemode": False,
            "mail_domain": "shop.example",
            "worker": "tests",
        }

    def sell(
        self,
        program_id: str = "choir",
        *,
        price: int = 10_000,
        rep_discount: int = 2_000,
        early_discount: int = 0,
        deadline: datetime | None = None,
        limit: int = 2,
        currency: str = "usd",
        active: bool = True,
    ) -> Program:
        """Put a program up for sale."""
        program = Program(
            id=ProgramId(program_id),
            title=f"The {program_id}",
            program_type="Webinar",
            time_zone="Europe/Berlin",
            is_active=active,
            terms=TermsOfSale(
                full_price=Money.of(price, currency),
                class_rep_discount=Money.of(rep_discount, currency),
                early_bird_discount=Money.of(early_discount, currency),
                early_bird_deadline=deadline,
                is_free=price == 0,
                class_rep_limit=limit,
            ),
        )
        self.programs.stored[program.id] = program
        return program

    def purchase(self, purchase_id: str) -> Purchase:
        return self.store.get(PurchaseId(purchase_id))

    def session(self, session_id: str) -> CheckoutSession:
        return self.payments.sessions[SessionId(session_id)]

    def event(
        self, session_id: str, *, kind: EventKind, livemode: bool = False
    ) -> bytes:
        """Write an event about a session as it is now, unsigned."""
        subject = session_json(self.session(session_id))
        return event_json(subject, kind, livemode=livemode)

    def pay(self, session_id: str) -> CheckoutSession:
        return self.payments.pay(SessionId(session_id))


@cache
def document() -> Mapping[str, Any]:
    """Return the OpenAPI document, which is the same for every service."""
    return usual_app()[1].openapi_schema.to_schema()


class Http:
    """A client that also holds each answer against the OpenAPI document."""

    def __init__(self, app: Any, *, address: str = STRANGER) -> None:
        self.app = app
        transport = httpx.ASGITransport(app, client=(address, 4711))
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://api.example"
        )
        self.document = document()

    async def ask(
        self, method: str, path: str, *, by: Person | None = None, **more: Any
    ) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if by is not None:
            headers["Authorization"] = f"Bearer {by.token}"
        response = await self.client.request(method, path, headers=headers, **more)
        self._check_declared(response)
        return response

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("POST", path, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("DELETE", path, **more)

    async def buy(
        self, by: Person, program: str = "choir", *, rep: bool = False
    ) -> Any:
        """Begin a checkout that must succeed, and return what was answered."""
        asked = {"programId": program, "isClassRep": rep}
        response = await self.post(CREATE, by=by, json=asked)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    async def deliver(self, body: bytes, **more: Any) -> httpx.Response:
        """Send a webhook, signed now unless the test signs it otherwise."""
        headers = {"Content-Type": "application/json", "Stripe-Signature": sign(body)}
        return await self.post(
            WEBHOOK, content=body, headers=headers | more.pop("headers", {}), **more
        )

    def _check_declared(self, response: httpx.Response) -> None:
        operation = self._operation(response.request)
        if operation is None:
            return
        declared = operation["responses"].get(str(response.status_code))
        said = (response.request.method, response.request.url.path, response.text)
        assert declared is not None, f"{response.status_code} is not declared: {said}"
        content = response.headers.get("content-type", "").partition(";")[0]
        assert content in declared["content"], said
        if content == "application/problem+json":
            examples = declared["content"][content]["examples"].values()
            codes = {example["value"]["code"] for example in examples}
            assert response.json()["code"] in codes, said

    def _operation(self, request: httpx.Request) -> Any:
        for template in sorted(self.document["paths"], key=lambda path: "{" in path):
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            operations = self.document["paths"][template]
            if re.fullmatch(pattern, request.url.path):
                return operations.get(request.method.lower())
        return None


def refused(response: httpx.Response) -> tuple[int, str, str]:
    """Return the status, the code and the message, after a look at the rest."""
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["success"] is False
    assert problem["message"] == problem["detail"]
    assert problem["type"] == f"urn:spothold:problem:{problem['code']}"
    assert problem["requestId"] == response.headers["x-request-id"]
    is_later = response.status_code in {429, 503} or problem["code"] == IN_PROGRESS
    assert is_later == ("retry-after" in response.headers)
    return response.status_code, problem["code"], problem["message"]
