"""Requests that nobody would send, made from the OpenAPI document."""
