/** Puts findings into lines for a terminal or an editor's problem matcher: `file:line  severity  rule  message  help`. */

import type { Finding } from "../../machines/finding.ts";
import { paint } from "./paint.ts";

/** By line, then by place; what has no line comes first. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      (a.line ?? 0) - (b.line ?? 0) || compare(a.pointer, b.pointer) || compare(a.rule, b.rule),
  );
}

/** One line each, in the order given; parts are two blanks apart, and line breaks inside them become blanks. */
export function findingsText(
  file: string,
  findings: readonly Finding[],
  colour: boolean,
): readonly string[] {
  const { strong, faint, bad, doubt } = paint(colour);
  return findings.map(({ line, severity, rule, message, help }) =>
    [
      strong(line === null ? file : `${file}:${line}`),
      severity === "error" ? bad(severity) : doubt(severity),
      rule,
      oneLine(message),
      faint(oneLine(help)),
    ].join("  "),
  );
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
