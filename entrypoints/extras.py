"""What is an extra of the package: imported only where a setting asks for it."""

from adapters.in_memory.locks import InMemoryKeyedLock
from application.ports.locks import KeyedLock
from entrypoints.http.app import service_version
from entrypoints.observing import NoTracing, Tracing
from entrypoints.settings import Settings


class ExtraNotInstalled(Exception):
    """A setting asks for what is not installed; the message says what to do."""

    def __init__(self, *, setting: str, extra: str) -> None:
        super().__init__(f"{setting} needs {extra}: pip install '.[{extra}]'")


def locks_of(settings: Settings) -> KeyedLock:
    """Make the lock of this process, or the one that all instances share.

    Raises:
        ExtraNotInstalled: it is an extra (docs/adr/0018).
    """
    line = InMemoryKeyedLock()
    if settings.lock_backend == "memory" or settings.redis_url is None:
        return line
    try:
        from adapters.redis.locks import RedisKeyedLock  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise ExtraNotInstalled(setting="LOCK_BACKEND=redis", extra="redis") from error
    return RedisKeyedLock.at(settings.redis_url.get_secret_value(), line=line)


def tracing_of(settings: Settings) -> Tracing:
    """Make what sends traces to the collector, or what makes none.

    Raises:
        ExtraNotInstalled: it is an extra.
    """
    endpoint = settings.otel_exporter_otlp_endpoint
    if endpoint is None:
        return NoTracing()
    try:
        from adapters.opentelemetry.tracing import (  # noqa: PLC0415  # an extra
            OpenTelemetryTracing,
        )
    except ImportError as error:
        raise ExtraNotInstalled(
            setting="OTEL_EXPORTER_OTLP_ENDPOINT", extra="otel"
        ) from error
    return OpenTelemetryTracing(
        endpoint=endpoint,
        version=service_version(),
        environment=settings.app_env.value,
    )
