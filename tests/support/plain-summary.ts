/** Ends a run with every failure in a few lines and then one plain line, `N passed, M failed`, for those who read it by machine. */
import type { Reporter } from "vitest/node";

/** How much of an error's text a failure repeats: enough for the figures in it, never a page. */
const longest = 1_500;

function tell(where: string, errors: ReadonlyArray<{ message: string; stack?: string }>): void {
  for (const error of errors) {
    const text = (
      error.stack?.includes(error.message) === true ? error.stack : error.message
    ).slice(0, longest);
    console.log(`${where}\n${text}`.replaceAll(/^/gm, "failed: "));
  }
}

export const plainSummary: Reporter = {
  onTestRunEnd: (modules, errors) => {
    let passed = 0;
    let failed = errors.length;
    for (const error of errors)
      tell("outside of any test", [{ message: error.message, stack: error.stack ?? "" }]);
    for (const module of modules) {
      // A file that can't even be loaded holds no test that could fail.
      if (module.errors().length > 0) failed += 1;
      tell(module.moduleId, module.errors());
      for (const test of module.children.allTests()) {
        const { state, errors: reasons } = test.result();
        if (state === "passed") {
          passed += 1;
          continue;
        }
        failed += 1;
        tell(`${module.moduleId} > ${test.fullName}`, reasons ?? [{ message: state }]);
      }
    }
    console.log(`\n${passed} passed, ${failed} failed`);
  },
};
