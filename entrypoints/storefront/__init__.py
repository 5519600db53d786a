"""The demo's shop: pages over the public HTTP API, and a client of it like any other.

It knows neither use cases nor adapters.  What a page cannot do over the API, a real
front end could not do either, so it has no door of its own into the service.
"""
