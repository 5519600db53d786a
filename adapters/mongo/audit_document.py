"""How the audit log looks at rest; see `adapters.mongo.documents`."""

from datetime import datetime

from beanie import Document
from pydantic import ConfigDict, Field

from application.ports.audit import AuditEntry, Fact


class AuditDocument(Document):
    """One entry, under an id of its own; it is never changed and never deleted."""

    model_config = ConfigDict(hide_input_in_errors=True)

    at: datetime
    by: str
    what: str
    subject: str
    why: str
    before: dict[str, Fact] = Field(default_factory=dict)
    after: dict[str, Fact] = Field(default_factory=dict)

    class Settings:
        name = "audit"

    def to_entry(self) -> AuditEntry:
        return AuditEntry(
            at=self.at,
            by=self.by,
            what=self.what,
            subject=self.subject,
            why=self.why,
            before=self.before,
            after=self.after,
        )
