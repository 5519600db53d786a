import asyncio
import os
import ssl
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.smtp.mailer import MailServer, SmtpMailer
from application.ports.mail import Mailer, MailNotSent
from tests.adapters.smtp import send_two
from tests.adapters.smtp.letters import letter
from tests.servers.smtp import mail_sink

HUSH = b"p@ss"
LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))


def knows_ada(*question: object) -> AuthResult:
    login = question[-1]
    assert isinstance(login, LoginPassword)
    is_right = (login.login, login.password) == (b"ada", HUSH)
    return AuthResult(success=is_right, handled=False)


def mailer_for(url: str) -> Mailer:
    return SmtpMailer(
        server=MailServer.from_url(url), sender="no-reply@spothold.example"
    )


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A server's key and certificate, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([LOOPBACK]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(pem)
    )
    return file


@pytest.fixture
def unknown_certificate(certificate: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody we trust has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_it_logs_in_with_the_urls_name_and_password() -> None:
    async with mail_sink(authenticator=knows_ada, auth_require_tls=False) as sink:
        url = f"smtp://ada:p%40ss@127.0.0.1:{sink.port}"
        await mailer_for(url).send_confirmation(letter())
        assert len(sink.envelopes) == 1


async def test_a_wrong_password_is_a_reason_that_does_not_name_it() -> None:
    async with mail_sink(authenticator=knows_ada, auth_require_tls=False) as sink:
        url = f"smtp://ada:wrong@127.0.0.1:{sink.port}"
        with pytest.raises(MailNotSent, match="the server said 535") as failure:
            await mailer_for(url).send_confirmation(letter())
        assert "wrong" not in failure.value.reason


async def test_a_certificate_that_nobody_signed_gets_no_mail(
    unknown_certificate: ssl.SSLContext,
) -> None:
    async with mail_sink(tls_context=unknown_certificate) as sink:
        with pytest.raises(MailNotSent, match="certificate"):
            await mailer_for(f"{sink.url}?starttls").send_confirmation(letter())
        assert sink.envelopes == []


async def test_mail_after_mail_goes_to_a_server_that_the_system_trusts(
    certificate: Path, unknown_certificate: ssl.SSLContext
) -> None:
    async with mail_sink(tls_context=unknown_certificate) as sink:
        sender = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            send_two.__name__,
            f"{sink.url}?starttls",
            env=os.environ | {"SSL_CERT_FILE": str(certificate)},
        )
        assert await sender.wait() == 0

    assert len(sink.envelopes) == 2


async def test_a_server_that_cannot_encrypt_gets_no_mail_when_it_should() -> None:
    async with mail_sink() as sink:
        with pytest.raises(MailNotSent, match="STARTTLS"):
            await mailer_for(f"{sink.url}?starttls").send_confirmation(letter())
        assert sink.envelopes == []


@pytest.mark.parametrize(
    "url", ["smtp://mail.example.org?starttls", "smtps://mail.example.org"]
)
def test_whom_the_system_trusts_is_read_once(url: str) -> None:
    server = MailServer.from_url(url)

    first, second = server.client(1.0).tls_context, server.client(1.0).tls_context

    assert first is not None
    assert first is second
    assert (first.verify_mode, first.check_hostname) == (ssl.CERT_REQUIRED, True)
