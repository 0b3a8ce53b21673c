/** Prints, at the end of a run, which documented answers of which operations were seen, and which were not. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reporter } from "vitest/node";

interface Seen {
  readonly documented: readonly string[];
  readonly seen: readonly string[];
}

/** A run of a few files sees little on purpose: only its count is told. */
const WORTH_A_LIST = 0.9;

/** Stays until this process ends, however the run ends. */
export function createSeenFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sevenstep-openapi-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function openApiCoverage(folder: string): Reporter {
  return {
    onTestRunEnd: () => {
      const reports = readdirSync(folder).flatMap((file) => linesOf(join(folder, file)));
      if (reports.length > 0) console.log(`\n${tableOf(reports).join("\n")}`);
    },
  };
}

export function tableOf(reports: readonly Seen[]): readonly string[] {
  const documented = [...new Set(reports.flatMap((report) => report.documented))];
  const seen = new Set(reports.flatMap((report) => report.seen));
  const missing = documented.filter((cell) => !seen.has(cell));
  const operations = new Set(documented.map((cell) => cell.split(" ", 1)[0]));
  const count = documented.length - missing.length;
  const summary = `openapi: ${operations.size} operations, ${count} of ${documented.length} operation x status seen`;
  if (count < documented.length * WORTH_A_LIST) return [summary];
  const byStatus = Map.groupBy(documented.toSorted(byStatusOf), statusOf);
  const rows = [...byStatus].map(([status, cells]) => {
    const absent = cells.filter((cell) => !seen.has(cell)).map((cell) => cell.split(" ", 1)[0]);
    const found = `${cells.length - absent.length} of ${cells.length}`.padEnd(10);
    return `  ${status}  ${found} ${absent.length === 0 ? "" : `missing: ${absent.join(", ")}`}`.trimEnd();
  });
  return ["  status, operations that document it and were seen to answer so", ...rows, summary];
}

function linesOf(path: string): readonly Seen[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function statusOf(cell: string): string {
  return cell.split(" ")[1] ?? "";
}

function byStatusOf(a: string, b: string): number {
  return statusOf(a).localeCompare(statusOf(b));
}
