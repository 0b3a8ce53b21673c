/** How the browser tests run: those of `tests/browser/`, which need a Chromium. */
import { defineConfig } from "vitest/config";

import { plainSummary } from "./support/plain-summary.ts";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["tests/browser/**/*.test.ts"],
    globalSetup: ["tests/browser/setup.ts"],
    reporters: ["default", plainSummary],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
