/** How the compiler's parts say what they found: each finding once per place and rule, lines added by the judge. */

import type { Finding, Severity } from "../finding.ts";

export interface Reporter {
  readonly error: Report;
  readonly warning: Report;
  /** Takes findings that another module made. */
  readonly add: (findings: readonly Finding[]) => void;
  readonly findings: readonly Finding[];
  /** False: the schemas were found good before, and to judge them again is most of the work of compiling them. */
  readonly judgesSchemas: boolean;
}

export type Report = (rule: string, pointer: string, message: string, help: string) => void;

export function createReporter(judgesSchemas = true): Reporter {
  const findings = new Map<string, Finding>();
  const add = (finding: Finding): void => {
    const key = `${finding.rule} ${finding.pointer} ${finding.message}`;
    if (!findings.has(key)) findings.set(key, finding);
  };
  const report =
    (severity: Severity): Report =>
    (rule, pointer, message, help) =>
      add({ rule, severity, pointer, line: null, message, help });
  return {
    error: report("error"),
    warning: report("warning"),
    add: (several) => several.forEach(add),
    judgesSchemas,
    get findings() {
      return [...findings.values()];
    },
  };
}

/** "a, b and c", for the names that a reader could have meant; "none" when there are none. */
export function listed(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return "none";
  const shown = all.slice(0, 12);
  const last = all.length > shown.length ? `${all.length - shown.length} more` : shown.pop();
  return shown.length === 0 ? `${last}` : `${shown.join(", ")} and ${last}`;
}
