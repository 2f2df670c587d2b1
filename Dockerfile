# The server with the web client inside. Every stage starts from Debian, whose own Rust is new enough for all of it; BuildKit
# is not required.
#
# What changes seldom comes first: Debian's packages, the xtask, RocksDB, all dependencies, the web client, the server. A change
# of the code compiles that code and what is built on it, nothing before it.

FROM debian:bookworm-slim AS tools
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates cargo-web rustc-web rust-web-src lld-19 \
      g++ libc6-dev clang libclang-dev make brotli gzip \
 && rm -rf /var/lib/apt/lists/*
ENV HEARTH_CACHE=/build
WORKDIR /src
# The xtask with no other package of its workspace than the one that the manifest names.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY crates/xtask crates/xtask
COPY tests/Cargo.toml tests/
RUN cargo xtask --help > /dev/null

# This stage is run for every change, and is over in seconds. Its result is compared by content.
FROM tools AS plan
COPY . .
RUN cargo xtask skeleton /skeleton

FROM tools AS build
COPY --from=plan /skeleton .
RUN cargo xtask rocksdb
RUN cargo xtask build --dist --dependencies
COPY web-client web-client
RUN cargo xtask web
COPY . .
RUN cargo xtask build --dist && cp /build/target/dist/hearth /usr/local/bin/hearth

FROM debian:bookworm-slim
RUN groupadd --gid 8008 hearth \
 && useradd --uid 8008 --gid hearth --home-dir /data --no-create-home --shell /usr/sbin/nologin hearth \
 && install --directory --owner hearth --group hearth --mode 0700 /data
# Whom the server trusts when it asks an authority for a certificate; for mail and pushes it brings the same list itself. The package has
# OpenSSL with it, which nothing here needs.
COPY --from=tools /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/bin/hearth /usr/local/bin/hearth
USER hearth
WORKDIR /data
VOLUME /data
EXPOSE 80 443 8008 3478/udp
# For every command in here, so that `docker compose exec hearth hearth doctor` looks at the server's own.
ENV HEARTH_DATA=/data HEARTH_LISTEN=0.0.0.0:8008
# Healthy means that everybody is served; bash opens the connection, so that the image needs no HTTP client.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["bash", "-c", \
  "exec 3<>/dev/tcp/127.0.0.1/8008; printf 'GET /health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3; head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["hearth"]
CMD ["serve"]
