"""What `stripe listen` needs: a session, and a websocket that carries the events."""

import asyncio
import json
from typing import Any

from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from entrypoints.stripe_simulator.account import API_VERSION, JsonObject, new_id
from entrypoints.stripe_simulator.calls import Call
from entrypoints.stripe_simulator.webhooks import SUCCESSES, Webhooks

SOCKET_PATH = "/_simulator/cli"
FEATURE = "webhooks"
PATIENCE = 20.0


class CliListener:
    """One connected command; answers are matched to what they answer."""

    def __init__(self, socket: WebSocket[Any, Any, Any]) -> None:
        self.socket = socket
        self.waiting: dict[str, asyncio.Future[bool]] = {}

    async def tell(self, payload: str, signature: str) -> bool:
        """Pass an event on and return whether the endpoint behind took it."""
        webhook_id = new_id("wc_")
        answered = asyncio.get_running_loop().create_future()
        self.waiting[webhook_id] = answered
        try:
            message = _message(webhook_id, payload, signature)
            await self.socket.send_text(json.dumps(message))
            return await asyncio.wait_for(answered, PATIENCE)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return False  # it hung up, or nobody answered behind it
        finally:
            del self.waiting[webhook_id]

    async def listen(self) -> None:
        """Read what the command says until it hangs up."""
        try:
            while True:
                self._hear(json.loads(await self.socket.receive_text()))
        except WebSocketDisconnect:
            pass
        finally:
            for answered in self.waiting.values():
                if not answered.done():
                    answered.set_result(False)

    def _hear(self, message: JsonObject) -> None:
        if message.get("type") != "webhook_response":
            return
        answered = self.waiting.get(message.get("webhook_id", ""))
        if answered is not None and not answered.done():
            answered.set_result(message.get("status") in SUCCESSES)


def open_cli_session(webhooks: Webhooks, call: Call) -> JsonObject:
    address = call.base_url.replace("http", "ws", 1)
    return {
        "websocket_url": f"{address}{SOCKET_PATH}",
        "websocket_id": new_id("cliws_"),
        "websocket_authorized_feature": FEATURE,
        "secret": webhooks.habits.secret,
        "reconnect_delay": 5,
        "default_version": API_VERSION,
        "latest_version": API_VERSION,
        "device_token": "",
        "display_connect_filter_warning": False,
    }


async def serve_listener(socket: WebSocket[Any, Any, Any], webhooks: Webhooks) -> None:
    await socket.accept()
    listener = CliListener(socket)
    webhooks.listeners.add(listener)
    try:
        await listener.listen()
    finally:
        webhooks.listeners.discard(listener)


def _message(webhook_id: str, payload: str, signature: str) -> JsonObject:
    return {
        "type": "webhook_event",
        "webhook_id": webhook_id,
        "webhook_conversation_id": new_id("wcc_"),
        "endpoint": {"api_version": None},
        "event_payload": payload,
        "http_headers": {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
        },
    }
