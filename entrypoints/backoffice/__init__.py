"""The admin area: pages under `/admin` over the admin API, and a client of it.

Like the shop beside it, it knows neither use cases nor adapters: what an admin cannot
do over the API, no page does.  Every page works without a script; HTMX, from our own
origin, only saves a reload.
"""
