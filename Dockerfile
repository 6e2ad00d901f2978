# One image for each app: docker build --build-arg APP=router -t kirisan/router .
FROM node:24-bookworm-slim AS base
WORKDIR /app

FROM base AS npm
ENV NPM_CONFIG_AUDIT=false NPM_CONFIG_FUND=false NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_LOGLEVEL=error

# The package.json files alone: what installs from this stage is repeated only when one of them changes.
FROM base AS manifests
COPY package.json package-lock.json ./
COPY libs libs
COPY apps apps
COPY tools tools
RUN find libs apps tools -type f ! -name package.json -delete && find libs apps tools -type d -empty -delete

FROM npm AS tools
COPY --from=manifests /app ./
RUN npm ci --ignore-scripts

# Compiles the app and the libs that it stands on; an app without a build fails here.
FROM tools AS build
COPY tsconfig.base.json ./
COPY libs libs
COPY apps apps
ARG APP
RUN test -n "$APP" || { echo 'say which app: --build-arg APP=<folder in apps>' >&2; exit 1; }; \
    npx tsc -b "apps/$APP" && test -f "apps/$APP/dist/main.js"
# The compiled packages, without sources and types.
RUN mkdir /out && for package in libs/* "apps/$APP"; do \
      [ -d "$package/dist" ] || continue; \
      mkdir -p "/out/$package" && cp -r "$package/package.json" "$package/dist" "/out/$package/"; \
    done && find /out \( -name '*.d.ts' -o -name '*.d.ts.map' -o -name '*.tsbuildinfo' \) -delete

# What this app and its libs need at run time, and nothing of the other apps.
FROM npm AS production
COPY --from=manifests /app ./
ARG APP
RUN npm ci --ignore-scripts --omit=dev --workspace "apps/$APP" --include-workspace-root=false

FROM base
ARG APP
ENV NODE_ENV=production
COPY --from=production /app/node_modules node_modules
COPY --from=build /out ./
COPY deploy/run-node deploy/healthcheck.mjs ./
WORKDIR /app/apps/$APP
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/healthcheck.mjs"]
CMD ["/app/run-node", "dist/main.js"]
