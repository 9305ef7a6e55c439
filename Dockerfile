# Three images from one build, by `docker build --target source .` and so on: Airbyte's `source` and `destination`, and `cli`, the
# people's program for a scheduler of their own.
# Airbyte starts a connector by `sh -c 'eval "$AIRBYTE_ENTRYPOINT read --config …"'`, so a shell has to be there.
# A line of Node with long support, and no patch of it: every build takes the fixes that came since.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json spec.json ./
COPY schemas ./schemas
COPY scripts ./scripts
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim AS runtime
ENV NODE_ENV=production
# Any user may run it; /airbyte is where the platform's convention puts a connector.
RUN groupadd --gid 10001 airbyte && useradd --uid 10001 --gid airbyte --home-dir /airbyte --create-home airbyte
WORKDIR /airbyte/gong-elt
COPY --from=build /build/package.json /build/spec.json ./
COPY --from=build /build/schemas ./schemas
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
USER airbyte

FROM runtime AS source
ENV AIRBYTE_ENTRYPOINT="node /airbyte/gong-elt/dist/bin/source-gong-semarize.js"
ENTRYPOINT ["node", "/airbyte/gong-elt/dist/bin/source-gong-semarize.js"]

FROM runtime AS destination
ENV AIRBYTE_ENTRYPOINT="node /airbyte/gong-elt/dist/bin/destination-duckdb.js"
ENTRYPOINT ["node", "/airbyte/gong-elt/dist/bin/destination-duckdb.js"]

FROM runtime AS cli
USER root
# A new volume takes the mode of the folder that it covers, and any user may be the one who writes there.
RUN install -d -m 0777 /data && ln -s /airbyte/gong-elt/dist/bin/gong-elt.js /usr/local/bin/gong-elt
# By number: Kubernetes' runAsNonRoot cannot tell who a name is.
USER 1000:1000
WORKDIR /data
VOLUME /data
ENTRYPOINT ["gong-elt"]
