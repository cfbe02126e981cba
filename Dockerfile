# A small image that needs neither root nor a root file system that can be written:
#   docker build -t dli-hosts .
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD:/work" dli-hosts check hosts.csv
# Journals are kept in the volume /state: give it a name where connections are submitted (-v dli-hosts:/state).
FROM python:3.13-slim AS build
COPY . /src
RUN pip wheel --no-cache-dir --wheel-dir /wheels '/src[all]'

FROM python:3.13-slim
RUN --mount=from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels 'dli-hosts[all]' \
    && useradd --uid 1000 --no-create-home user \
    && install -d -o user /state /work
ENV XDG_STATE_HOME=/state PYTHONDONTWRITEBYTECODE=1
VOLUME /state
WORKDIR /work
USER user
ENTRYPOINT ["dli-hosts"]
CMD ["--help"]
