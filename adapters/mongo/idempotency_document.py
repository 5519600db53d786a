from datetime import datetime

from beanie import Document
from pydantic import ConfigDict

from application.ports.idempotency import KeptAnswer, KeptKey


class IdempotencyDocument(Document):
    """A key in use; the server removes it some time after `expires_at`.

    `status`, `media_type` and `body` are there once the request was answered.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    id: str  # type: ignore[assignment]  # Beanie cannot use a NewType here
    fingerprint: str
    until: datetime
    expires_at: datetime
    status: int | None = None
    media_type: str | None = None
    body: bytes | None = None

    class Settings:
        name = "idempotency_keys"
        keep_nulls = False

    def to_domain(self) -> KeptKey:
        return KeptKey(
            fingerprint=self.fingerprint, until=self.until, answer=self._answer()
        )

    def _answer(self) -> KeptAnswer | None:
        if self.status is None or self.media_type is None or self.body is None:
            return None
        return KeptAnswer(
            status=self.status, media_type=self.media_type, body=self.body
        )
