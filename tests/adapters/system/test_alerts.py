from structlog.testing import capture_logs

from adapters.system.alerts import LogAlerts
from application.ports.alerts import Alert, Alerts

ALERT = Alert(
    code="stripe_configuration_rejected",
    message="Stripe rejects our key.",
    next_step="Check the key.",
    facts={"purchase_id": "p-1", "status": 401},
)


class BrokenLogger:
    def error(self, *args: object, **kwargs: object) -> None:
        raise OSError("no space left on device")


async def test_an_alert_is_one_error_line_with_all_its_facts() -> None:
    alerts: Alerts = LogAlerts()

    with capture_logs() as lines:
        await alerts.send(ALERT)

    assert lines == [
        {
            "event": "alert",
            "log_level": "error",
            "code": "stripe_configuration_rejected",
            "message": "Stripe rejects our key.",
            "next_step": "Check the key.",
            "facts": {"purchase_id": "p-1", "status": 401},
        }
    ]


async def test_the_last_resort_never_fails() -> None:
    await LogAlerts(BrokenLogger()).send(ALERT)
