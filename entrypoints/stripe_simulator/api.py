"""Answer `/v1`: who calls, has it been asked before, what happens, what goes wrong."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any, NoReturn

from entrypoints.stripe_simulator import forms
from entrypoints.stripe_simulator.account import (
    API_VERSION,
    Account,
    JsonObject,
    new_id,
)
from entrypoints.stripe_simulator.authentication import authenticated
from entrypoints.stripe_simulator.calls import Call, Operation
from entrypoints.stripe_simulator.exchanges import (
    Answer,
    Exchange,
    Incoming,
    Observer,
)
from entrypoints.stripe_simulator.expansion import expanded
from entrypoints.stripe_simulator.faults import Fault, Faults
from entrypoints.stripe_simulator.idempotency import IdempotencyKeys
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.rates import Rate
from entrypoints.stripe_simulator.refusals import Refusal
from entrypoints.stripe_simulator.sessions import expire_what_is_due

SERVER_ERROR = 500
ERROR_CODES = {409: "idempotency_key_in_use", 429: "rate_limit"}


class ConnectionDropped(Exception):
    """The caller shall get no answer at all."""


class AnswerStalled(Exception):
    """The caller shall get half of the answer and then silence."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("stalled")
        self.answer = answer


@dataclass(slots=True, kw_only=True)
class Entry:
    """A line of the request log; status stays empty where no answer was sent."""

    method: str
    path: str
    operation: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    request_id: str = ""
    status: int | None = None
    is_replayed: bool = False
    fault: str | None = None


class Api:
    def __init__(
        self,
        account: Account,
        operations: Sequence[Operation],
        faults: Faults,
        observer: Observer | None,
    ) -> None:
        self.account = account
        self.operations = operations
        self.faults = faults
        self.observer = observer
        self.keys = IdempotencyKeys(account.clock)
        self.rate = Rate()
        self.log: list[Entry] = []

    def reset(self) -> None:
        self.rate = Rate()
        self.keys.entries.clear()
        self.log.clear()

    async def answer(self, incoming: Incoming) -> Answer:
        """Answer one call.

        Raises:
            ConnectionDropped: A fault says to hang up.
            AnswerStalled: A fault says to stop half-way.
        """
        expire_what_is_due(self.account)
        entry = self._enter(incoming)
        fault = self.faults.take(incoming.method, incoming.path)
        kind = fault.kind if fault else None
        entry.fault = kind
        if kind == "drop_before":
            raise ConnectionDropped
        answer = await self._answer(incoming, entry, fault)
        answer = self._with_headers(incoming, entry, answer)
        self._note(incoming, entry, answer)
        if kind == "drop_after":
            raise ConnectionDropped
        if kind == "stall":
            raise AnswerStalled(answer)
        entry.status = answer.status
        return answer

    def _enter(self, incoming: Incoming) -> Entry:
        """Log the call before anything can happen to it."""
        found = self._find(incoming)
        entry = Entry(
            method=incoming.method,
            path=incoming.path,
            operation=found[0].path if found else None,
            idempotency_key=incoming.headers.get("idempotency-key"),
            request_id=new_id("req_", 14),
        )
        self.log.append(entry)
        return entry

    async def _answer(
        self, incoming: Incoming, entry: Entry, fault: Fault | None
    ) -> Answer:
        """Do what comes before the idempotency layer, and then enter it."""
        try:
            entry.params = forms.decode(incoming.form)
            self.rate.take()
            if fault is not None and fault.kind == "status" and not fault.is_saved:
                raise fault_error(fault)
            api_key = authenticated(incoming.headers.get("authorization", ""))
            operation, ids = self._find(incoming) or _unrecognized(incoming)
            call = Call(
                params=Params(entry.params),
                base_url=incoming.base_url,
                path=incoming.path,
                version=incoming.headers.get("stripe-version"),
                request_id=entry.request_id,
                idempotency_key=entry.idempotency_key,
                ids=ids,
            )
            if incoming.method != "POST" or not entry.idempotency_key:
                return await self._execute(operation, call, fault)
            scope = (api_key, entry.idempotency_key)
            return await self._execute_once(scope, operation, call, fault)
        except Refusal as refusal:
            return as_json(refusal.status, refusal.body)

    async def _execute_once(
        self,
        scope: tuple[str, str],
        operation: Operation,
        call: Call,
        fault: Fault | None,
    ) -> Answer:
        """Run under an idempotency key, and keep the outcome if the operation began."""
        params = json.dumps(call.params.values, sort_keys=True)
        fingerprint = f"{operation.method} {call.path} {params}"
        replayed = self.keys.begin(scope, fingerprint, call.request_id or "")
        if replayed is not None:
            return replayed
        outcome: Answer | None = None
        try:
            outcome = await self._execute(operation, call, fault)
        finally:
            self.keys.end(scope, outcome)
        return outcome

    async def _execute(
        self, operation: Operation, call: Call, fault: Fault | None
    ) -> Answer:
        """Return what a key would keep; raise what it would not."""
        if fault is not None and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        is_failing = fault is not None and fault.kind == "status"
        if fault is not None and is_failing and not fault.has_effect:
            return as_json(fault.status, fault_error(fault).body)
        try:
            result = operation.run(call)
            paths = call.params.texts("expand")
            answer = as_json(200, expanded(self.account, result, paths))
        except Refusal as refusal:
            if not refusal.is_saved:
                raise
            return as_json(refusal.status, refusal.body)
        if fault is not None and is_failing:
            return as_json(fault.status, fault_error(fault).body)
        return answer

    def _find(self, incoming: Incoming) -> tuple[Operation, dict[str, str]] | None:
        for operation in self.operations:
            ids = operation.match(incoming.method, incoming.path)
            if ids is not None:
                return operation, ids
        return None

    def _with_headers(self, incoming: Incoming, entry: Entry, answer: Answer) -> Answer:
        now = self.account.clock.exact()
        headers = {
            "Content-Type": "application/json",
            "Date": formatdate(now, usegmt=True),
            "Request-Id": entry.request_id,
            "Stripe-Version": incoming.headers.get("stripe-version", API_VERSION),
            **answer.headers,
        }
        if entry.idempotency_key:
            headers["Idempotency-Key"] = entry.idempotency_key
        return replace(answer, headers=headers)

    def _note(self, incoming: Incoming, entry: Entry, answer: Answer) -> None:
        entry.is_replayed = "Idempotent-Replayed" in answer.headers
        if self.observer is None:
            return
        self.observer.exchange(
            Exchange(
                method=incoming.method,
                path=incoming.path,
                operation=entry.operation,
                version=incoming.headers.get("stripe-version"),
                params=entry.params,
                status=answer.status,
                answer=json.loads(answer.body),
            )
        )


def _unrecognized(incoming: Incoming) -> NoReturn:
    where = f"{incoming.method}: {incoming.path}"
    raise Refusal(f"Unrecognized request URL ({where}).", status=404)


def as_json(status: int, body: JsonObject) -> Answer:
    return Answer(status=status, body=json.dumps(body, indent=2).encode())


def fault_error(fault: Fault) -> Refusal:
    return Refusal(
        f"The simulator was told to answer {fault.status}.",
        status=fault.status,
        kind="api_error" if fault.status >= SERVER_ERROR else "invalid_request_error",
        code=ERROR_CODES.get(fault.status),
        is_saved=fault.is_saved,
    )
