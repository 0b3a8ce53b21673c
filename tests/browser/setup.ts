/** Ends the run in one line when there is no Chromium to run it in. */

import { chromiumPath } from "./chromium.ts";

export function setup(): void {
  if (chromiumPath() !== null) return;
  console.error(
    "test:browser needs Chromium and found none: apt-get install chromium, or name one in CHROMIUM.",
  );
  process.exit(1);
}
