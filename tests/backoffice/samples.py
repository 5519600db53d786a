"""What the admin API answers, as its contract words it."""

from tests.storefront.scripted_service import PURCHASE, JsonObject

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
    "held": [
        {"key": "purchase:create:ada:choir", "operation": "x", "ageMs": 31, "queue": 2}
    ],
}
BUYER: JsonObject = {"id": "ada", "name": "Ada Lovelace", "email": "ada@example.org"}
TIMELINE: list[JsonObject] = [
    {
        "at": "2026-01-01T18:00:00Z",
        "kind": "state",
        "what": "Began",
        "facts": {"status": "creating"},
    },
    {
        "at": "2026-01-01T18:00:01Z",
        "kind": "stripe",
        "what": "Opened a session",
        "facts": {"requestId": "req_1", "ms": 210, "nothing": None},
    },
]
FILE: JsonObject = {
    "purchase": PURCHASE,
    "buyer": BUYER,
    "acts": [],
    "timeline": TIMELINE,
}
PREVIEW: JsonObject = {
    "refundable": True,
    "why": None,
    "amount": 4500,
    "left": 0,
    "losesAccess": True,
    "releasesSpot": True,
    "currency": "usd",
}
