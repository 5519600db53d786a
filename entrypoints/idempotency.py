"""The use cases that answer a repeated request without doing it again."""

from dependency_injector import containers, providers

from application.claim_key import ClaimKey
from application.keep_answer import KeepAnswer
from application.ports.clock import Clock
from application.ports.idempotency import IdempotencyKeys


class IdempotencyUseCases(containers.DeclarativeContainer):
    clock: providers.Provider[Clock] = providers.Dependency()
    idempotency_keys: providers.Provider[IdempotencyKeys] = providers.Dependency()

    claim_key: providers.Provider[ClaimKey] = providers.Singleton(
        ClaimKey, clock=clock, keys=idempotency_keys
    )
    keep_answer: providers.Provider[KeepAnswer] = providers.Singleton(
        KeepAnswer, clock=clock, keys=idempotency_keys
    )
