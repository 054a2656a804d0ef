# The server in an image: one bundled file, what it reads beside it, and Node.
#
# Versions are exact. A digest (FROM node:…@sha256:…) would hold the very bytes: add it where a registry can be asked
# (docker buildx imagetools inspect node:24.21.0-bookworm-slim).

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
# The lockfile alone comes first: a change of code fetches nothing again.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN npx --yes pnpm@12.21.0 fetch --ignore-scripts
COPY . .
RUN npx --yes pnpm@12.21.0 install --offline --frozen-lockfile --ignore-scripts && node scripts/bundle.ts

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="Dais" \
      org.opencontainers.image.description="One API layer for a leadership team's day: tRPC, REST and MCP from one contract."
# Only Node is needed to run. What isn't there needs no patches.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn-*
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
WORKDIR /app
# Owned by root, so that the server can't change itself. It writes nowhere: run it with a read-only root.
COPY --from=build /app/dist/ ./
# A number, because whoever forbids root (runAsNonRoot) can't tell by a name.
USER 65532:65532
EXPOSE 3000
# Alive, not ready: a server whose database is away must not be restarted for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# What is young may take 16 MB and not 64: half of the memory of a server with many streams, at the same speed.
CMD ["node", "--max-semi-space-size=16", "server.mjs"]
