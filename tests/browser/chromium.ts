/** The Chromium of the system, started afresh: nothing is kept from run to run, and nothing calls home. */

import { existsSync } from "node:fs";

import { chromium, type BrowserContext } from "playwright-core";

const USUAL_PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Names resolve to nothing: what a page may reach is this machine.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Null when there is none. The environment's CHROMIUM names one that stands elsewhere. */
export function chromiumPath(): string | null {
  const named = process.env["CHROMIUM"];
  const paths = named === undefined || named === "" ? USUAL_PATHS : [named];
  return paths.find((path) => existsSync(path)) ?? null;
}

/** A window of its own, with a fresh profile; closing it ends the browser. */
export function openChromium(
  settings: Readonly<{ locale: string; timezoneId: string }>,
): Promise<BrowserContext> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error("expected a Chromium: see tests/browser/setup.ts");
  // An empty folder name is a new temporary profile.
  return chromium.launchPersistentContext("", {
    executablePath,
    headless: true,
    args: FLAGS,
    ...settings,
  });
}
