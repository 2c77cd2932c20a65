# The collector as a container: `docker build -f deploy/collector.Dockerfile -t wanwatch .` at the top of the
# repository. What it keeps is under /var/lib/wanwatch, its policy is mounted at /etc/wanwatch/policy.
FROM python:3.12.13-slim-bookworm
WORKDIR /opt/wanwatch
COPY requirements/collector.txt requirements/assets.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/collector.txt \
    && pip install --no-cache-dir --require-hashes --no-deps -r requirements/assets.txt
COPY pyproject.toml README.md LICENSE ./
COPY agents agents
COPY incidents incidents
COPY runbooks runbooks
COPY collector collector
RUN pip install --no-cache-dir --no-deps --no-build-isolation \
        --config-settings editable_mode=compat --editable . \
    && python -m compileall -q agents collector incidents runbooks \
    && useradd --system --uid 10001 --home-dir /var/lib/wanwatch --shell /usr/sbin/nologin wanwatch \
    && install -d -o wanwatch -g wanwatch -m 700 /var/lib/wanwatch \
    && install -d /etc/wanwatch/policy
USER wanwatch
ENV WANWATCH_DATA=/var/lib/wanwatch \
    WANWATCH_POLICY=/etc/wanwatch/policy \
    WANWATCH_LISTEN=0.0.0.0:8440
VOLUME /var/lib/wanwatch
EXPOSE 8440
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8440/-/ready', timeout=4)"]
ENTRYPOINT ["wanwatch"]
CMD ["collector"]
