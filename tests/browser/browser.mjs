// Debian's Chromium by playwright-core, as all browser tests start it.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const source = process.env.LOTCAST_SOURCE ?? fileURLToPath(new URL("../..", import.meta.url));
const executablePath = process.env.LOTCAST_CHROMIUM ?? "/usr/bin/chromium";
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// What is missing for browser tests, in words; null when nothing is.
export function missing() {
  if (!existsSync(executablePath)) return `no ${executablePath}`;
  if (!existsSync(join(source, "web/node_modules/playwright-core"))) return "web/node_modules: run npm ci in web/";
  if (!existsSync(join(source, "web/dist/room.html"))) return "web/dist: run npm run build in web/";
  return null;
}

// With the playwright-core of the folder `from`.
export function launch(from = "web") {
  const require = createRequire(join(source, from, "package.json"));
  return require("playwright-core").chromium.launch({ executablePath, args });
}

export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: "en-US" };
export const small = { ...phone, viewport: { width: 360, height: 640 } };
export const desk = { viewport: { width: 1440, height: 900 }, locale: "en-US" };
export const screen = { viewport: { width: 1920, height: 1080 }, locale: "en-US" };
