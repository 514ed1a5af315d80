# The Python that the tests run on.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
# Two environments: what runs, and what only builds.
RUN python -m venv /opt/diaodu \
    && /opt/diaodu/bin/pip install --require-hashes --requirement requirements.lock \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --requirement requirements-build.lock
COPY pyproject.toml ./
COPY app app
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/diaodu/bin/pip install --no-deps /wheels/*.whl

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/diaodu --shell /usr/sbin/nologin diaodu \
    && install --directory --owner diaodu --group diaodu --mode 0700 \
       /var/lib/diaodu /var/lib/diaodu/keys /var/lib/diaodu/objects
COPY --from=build /opt/diaodu /opt/diaodu
ENV PATH=/opt/diaodu/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DIAODU_ENV=production \
    DIAODU_VAR_DIR=/var/lib/diaodu \
    DIAODU_KEYS_DIR=/var/lib/diaodu/keys
WORKDIR /var/lib/diaodu
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["diaodu", "serve", "--host", "0.0.0.0"]
