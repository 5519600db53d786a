"""What a simulator takes over from the run before, in a file.

Stripe does not forget a session because a shop restarts, so the demo's must not either:
its database keeps purchases whose pages are open.  Written when the simulator stops;
events that were still to be sent are not in it.
"""

import json
from pathlib import Path
from typing import Any

from entrypoints.stripe_simulator.account import Account
from entrypoints.stripe_simulator.exchanges import Answer
from entrypoints.stripe_simulator.idempotency import Entry, IdempotencyKeys


def remember(account: Account, keys: IdempotencyKeys, file: Path) -> None:
    """Write all of it or nothing."""
    memory = {
        "tables": account.tables,
        "line_items": account.line_items,
        "intent_data": account.intent_data,
        "expiries": account.expiries,
        "keys": [
            _key_to_json(scope, entry, entry.answer)
            for scope, entry in keys.entries.items()
            if entry.answer is not None
        ],
    }
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(memory), "utf-8")
    draft.replace(file)


def recall(account: Account, keys: IdempotencyKeys, file: Path) -> None:
    """Take over what was remembered; the first run has nothing to."""
    if not file.exists():
        return
    memory = json.loads(file.read_text("utf-8"))
    account.tables |= memory["tables"]
    account.line_items = memory["line_items"]
    account.intent_data = memory["intent_data"]
    account.expiries = [(at, identifier) for at, identifier in memory["expiries"]]
    keys.entries = dict(map(_key_from_json, memory["keys"]))


def _key_to_json(
    scope: tuple[str, str], entry: Entry, answer: Answer
) -> dict[str, Any]:
    return {
        "scope": scope,
        "fingerprint": entry.fingerprint,
        "created": entry.created,
        "request_id": entry.request_id,
        "status": answer.status,
        "body": answer.body.decode(),
        "headers": answer.headers,
    }


def _key_from_json(key: dict[str, Any]) -> tuple[tuple[str, str], Entry]:
    api_key, name = key["scope"]
    answer = Answer(
        status=key["status"], body=key["body"].encode(), headers=key["headers"]
    )
    entry = Entry(key["fingerprint"], key["created"], key["request_id"], answer)
    return (api_key, name), entry
