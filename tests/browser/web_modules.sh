#!/bin/sh
# Runs one npm script of web/ as a ctest: web_modules.sh check|test. Without its packages it is skipped.
cd "${LOTCAST_SOURCE:?}/web" || exit 1
if [ ! -d node_modules/typescript ] || [ ! -d node_modules/esbuild ]; then
  echo "skipped: web/node_modules is missing; run npm ci in web/"
  exit 77
fi
exec npm run --silent "$1"
