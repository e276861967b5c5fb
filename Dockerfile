# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/shanhai
COPY requirements.lock ./
RUN /opt/shanhai/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schema schema
COPY connectors connectors
COPY gateway gateway
RUN /opt/shanhai/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/shanhai --create-home shanhai
COPY --from=build /opt/shanhai /opt/shanhai
ENV PATH=/opt/shanhai/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SHANHAI_HOST=0.0.0.0 \
    SHANHAI_DATA_DIR=/var/lib/shanhai/data
USER shanhai
WORKDIR /var/lib/shanhai
VOLUME /var/lib/shanhai/data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"SHANHAI_PORT\", \"8000\")}/healthz', timeout=2)"]
ENTRYPOINT ["shanhai"]
CMD ["serve"]
