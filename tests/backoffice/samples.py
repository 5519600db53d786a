"""What the admin API answers, as its contract words it."""

from tests.storefront.scripted_service import PROGRAM, PURCHASE, QUOTE, JsonObject

LOCKS: JsonObject = {
    "activeLocks": 1,
    "totalLocksAcquired": 40,
    "averageWaitTime": 2.5,
    "health": "healthy",
    "waiting": 0,
    "timeouts": 0,
    "contended": 3,
    "p95WaitMs": 12.0,
    "p95HoldMs": 1800.0,
    "waits": [{"upToMs": 1, "count": 30}, {"upToMs": None, "count": 2}],
    "holds": [{"upToMs": 1000, "count": 0}, {"upToMs": None, "count": 40}],
    "held": [
        {"key": "purchase:create:ada:choir", "operation": "x", "ageMs": 31, "queue": 2}
    ],
}
BUYER: JsonObject = {"id": "ada", "name": "Ada Lovelace", "email": "ada@example.org"}
TIMELINE: list[JsonObject] = [
    {
        "at": "2026-01-01T18:00:00Z",
        "kind": "state",
        "what": "began",
        "facts": {"status": "creating"},
    },
    {
        "at": "2026-01-01T18:00:01Z",
        "kind": "stripe",
        "what": "checkout.sessions.create",
        "facts": {"requestId": "req_1", "ms": 210, "nothing": None},
    },
]
FILE: JsonObject = {
    "purchase": PURCHASE,
    "buyer": BUYER,
    "state": "completed",
    "sessionId": "cs_test_1",
    "paymentIntent": "pi_1",
    "dispute": None,
    "extraPayments": [],
    "mails": [
        {"what": "confirmation", "state": "sent", "tries": 1, "messageId": "<p1@x>"}
    ],
    "acts": [],
    "timeline": TIMELINE,
}
PREVIEW: JsonObject = {
    "refundable": True,
    "why": None,
    "message": None,
    "amount": 4500,
    "left": 0,
    "losesAccess": True,
    "releasesSpot": True,
    "currency": "usd",
}
STATS: JsonObject = {
    "purchasesByStatus": {"completed": 12, "pending": 3, "refunded": 1},
    "moneyByDay": [
        {"day": "2026-01-01", "currency": "usd", "in": 29900, "out": 0},
        {"day": "2026-01-02", "currency": "usd", "in": 10000, "out": 4500},
        {"day": "2026-01-02", "currency": "jpy", "in": 500, "out": 0},
    ],
    "programs": [
        {
            "programId": "choir",
            "title": "Choir practice",
            "limit": 10,
            "held": 2,
            "paid": 5,
            "free": 3,
            "over": 0,
        }
    ],
    "moneyWithoutOutcome": {"count": 1, "oldestSeconds": 90},
    "webhooks": {"lastEventAt": "2026-01-02T12:00:00Z", "lagSeconds": 1.5},
    "mail": {"waiting": 1, "dead": 2, "oldestSeconds": 7200},
    "locks": {"active": 1, "waiting": 0, "p95WaitMs": 12.0, "health": "healthy"},
    "findings": {"critical": 1, "warning": 2, "notice": 0},
    "verdict": {
        "ok": False,
        "worst": "ledger_difference",
        "nextStep": "Compare that day's payments and refunds with Stripe's.",
    },
}
FINDING: JsonObject = {
    "id": "f1",
    "kind": "stuck_phase",
    "severity": "warning",
    "subject": "p1",
    "evidence": {"phase": "closing", "purchase_id": "p1", "payment": None},
    "repair": "drive",
    "automatic": True,
    "nextStep": "If it stays, see in the log why it cannot be carried on.",
    "firstSeen": "2026-01-01T18:00:00Z",
    "lastSeen": "2026-01-01T19:00:00Z",
    "plan": "0123abcd",
}
ORPHAN: JsonObject = {
    "id": "pi_1",
    "sessionId": "cs_test_1",
    "paymentIntent": "pi_1",
    "purchaseId": "lost",
    "amount": 4500,
    "currency": "usd",
    "status": "due",
    "matched": False,
    "reason": "unknown_purchase",
    "eventId": "evt_1",
    "foundAt": "2026-01-01T18:00:00Z",
    "dueAt": "2026-01-01T18:15:00Z",
    "refundId": None,
    "payer": {"name": "Ada Lovelace", "email": "ada@example.org", "country": "GB"},
}
EVENT: JsonObject = {
    "id": "evt_1",
    "kind": "refund.updated",
    "objectId": "re_1",
    "paymentIntent": "pi_1",
    "purchaseId": "p1",
    "why": "It names a refund that nobody knows.",
    "state": "held",
    "firstSeen": "2026-01-01T18:00:00Z",
    "lastTried": "2026-01-01T19:00:00Z",
    "nextTry": None,
    "ageSeconds": 7200,
    "tries": 4,
}
MAIL: JsonObject = {
    "id": "p1.confirmation",
    "purchaseId": "p1",
    "orderNumber": "ORD-20260101-ABCDEFGH12345678",
    "kind": "confirmation",
    "state": "dead",
    "tries": 8,
    "nextTry": None,
    "messageId": "<p1.confirmation@shop.test>",
}
AUDIT: JsonObject = {
    "at": "2026-01-01T18:00:00Z",
    "by": "admin admin",
    "what": "change_program",
    "subject": "program/choir",
    "why": "a larger room",
    "before": {"classRepLimit": 10},
    "after": {"classRepLimit": 12},
}
ADMIN_PROGRAM: JsonObject = {
    **PROGRAM,
    "salesPaused": False,
    "revision": 3,
    "spots": {"limit": 10, "held": 2, "paid": 5, "free": 3, "over": 0},
}
SPOT: JsonObject = {
    "purchaseId": "p1",
    "orderNumber": "ORD-20260101-ABCDEFGH12345678",
    "buyer": {"name": "Ada Lovelace", "email": "ada@example.org"},
    "status": "pending",
    "kind": "held",
    "since": "2026-01-01T18:00:00Z",
    "until": "2026-01-01T18:35:00Z",
}
STRAY: JsonObject = {
    "purchaseId": "lost",
    "orderNumber": None,
    "buyer": None,
    "status": None,
    "kind": "stray",
    "since": None,
    "until": None,
}
PRICES: JsonObject = {
    "plain": {"quote": {**QUOTE, "total": 10000}, "refusal": None},
    "classRep": {"quote": {**QUOTE, "total": 6000}, "refusal": None},
    "earlyBird": {"quote": {**QUOTE, "total": 8500}, "refusal": None},
    "both": {
        "quote": None,
        "refusal": {"code": "below_minimum_charge", "message": "That is too little."},
    },
    "edge": {
        "deadline": "2999-01-01T05:00:00Z",
        "localDeadline": "2999-01-01T00:00:00-05:00",
        "lastEarly": "2999-01-01T04:59:59.999Z",
        "at": "2026-01-01T00:00:00Z",
        "isEarlyAt": True,
    },
}
