from tests.http.conftest import http, service

__all__ = ["http", "service"]
