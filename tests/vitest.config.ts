/** How the tests run: every `*.test.ts` under `tests/` but the browser's, in Node. */
import { defineConfig } from "vitest/config";

import { plainSummary } from "./support/plain-summary.ts";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/browser/**"],
    globalSetup: ["tests/support/global-setup.ts"],
    reporters: ["default", plainSummary],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
