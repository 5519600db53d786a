"""What every repository may say about its storage."""

from application.errors import ApplicationError


class StorageUnavailable(ApplicationError):
    """The storage did not answer.

    A write under way may or may not have happened: read again and decide from the
    state, or leave it to reconcile.  It is never to be taken for a rollback.
    """

    code = "storage_unavailable"

    def __init__(self) -> None:
        super().__init__("The database does not answer; please try again.")
