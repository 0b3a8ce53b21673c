/** How the tests run: every `*.test.ts` under `tests/` but the browser's, in Node. */
import { defineConfig } from "vitest/config";

import { createSeenFolder, openApiCoverage } from "./support/openapi/coverage.ts";
import { plainSummary } from "./support/plain-summary.ts";

const seen = createSeenFolder();

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/browser/**"],
    env: { OPENAPI_SEEN: seen },
    setupFiles: ["tests/support/openapi/witness.ts"],
    globalSetup: ["tests/support/global-setup.ts"],
    reporters: ["default", openApiCoverage(seen), plainSummary],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes in no time, but on a machine that has much to do.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
  },
});
