/** What a document promises about a type of job: who may do it, how often it is tried, and after which pause again. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { JobDeclaration } from "../../machines/document/document.ts";
import { addDuration, parseDuration } from "../../machines/time/duration.ts";
import { epochMs, formatInstant } from "../../machines/time/instant.ts";
import { isProblem } from "../../machines/time/problem.ts";

export interface JobContract {
  readonly declaration: JobDeclaration;
  /** Roles that the document names for it. */
  readonly roles: readonly string[];
  /** Attempts after the first. */
  readonly retries: number;
}

/** They may do every job. */
const GENERAL_WORKERS: readonly string[] = ["admin", "worker", "system"];
const DEFAULT_RETRIES = 3;
const DEFAULT_BACKOFF = "PT10S";
/** However often it was doubled. */
const MAX_BACKOFF_MS = 24 * 3_600_000;

/** @param type as the document has it */
export function jobContract({ document }: Executable, type: string): JobContract {
  const declaration = document.jobs?.[type] ?? {};
  const { by: roles = [], retries = DEFAULT_RETRIES } = declaration;
  return { declaration, roles, retries };
}

/** Roles that may do it. */
export function workersOf({ roles }: Pick<JobContract, "roles">): readonly string[] {
  return [...GENERAL_WORKERS, ...roles];
}

/** Whether these roles do every job. */
export function doEveryJob(roles: readonly string[]): boolean {
  return roles.some((role) => GENERAL_WORKERS.includes(role));
}

/** Before the first retry as declared, doubled before each further one. @param attempts made so far */
export function backoffMs({ declaration }: JobContract, attempts: number): number {
  const declared = declaration.backoff ?? DEFAULT_BACKOFF;
  const duration = parseDuration(declared);
  // Reckoned from the epoch in UTC, where a day has 24 hours.
  const first = isProblem(duration) ? duration : addDuration(formatInstant(0), duration, "UTC");
  if (isProblem(first)) {
    throw new Error(`The back-off "${declared}" has a problem: ${first.problem}`);
  }
  return Math.min(epochMs(first) * 2 ** (attempts - 1), MAX_BACKOFF_MS);
}
