# The service and nothing else: no tests, no docs, no embedded database, no compiler.
# It wants no disk: the root file system may be read-only, with a /tmp in memory.

FROM docker.io/library/python:3.13-slim AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/service.txt requirements/
RUN /venv/bin/python -m pip install --require-hashes -r requirements/service.txt
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY entrypoints entrypoints
RUN /venv/bin/python -m pip install --no-deps --no-build-isolation -e .
RUN /venv/bin/python -m pip uninstall --yes pip
RUN /venv/bin/python -m compileall -q domain application adapters entrypoints

FROM docker.io/library/python:3.13-slim
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
ENV APP_ENV=production HOST=0.0.0.0 PORT=8000 LOG_FORMAT=json STOP_ANNOUNCE_SECONDS=5
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 CMD ["python", "-m", "entrypoints.healthcheck"]
ENTRYPOINT ["spothold"]
CMD ["serve"]
