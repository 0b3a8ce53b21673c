/** Ends a run with one plain line, `N passed, M failed`, for those who read it by machine. */
import type { Reporter } from "vitest/node";

export const plainSummary: Reporter = {
  onTestRunEnd: (modules, errors) => {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      // A file that can't even be loaded holds no test that could fail.
      if (module.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        if (test.result().state === "passed") passed += 1;
        else failed += 1;
      }
    }
    console.log(`\n${passed} passed, ${failed} failed`);
  },
};
