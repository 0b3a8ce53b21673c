/** How a job that is not open any more came to its end, as its order's history tells it. */

import canonicalize from "canonicalize";
import { sha256, type Entry } from "../audit/entry.ts";
import { parseLine } from "../audit/parse-line.ts";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";
import { commitmentsIn, unseal } from "../../machines/schema/tokens.ts";
import type { JobLease } from "../store/contracts/jobs.ts";
import type { Store } from "../store/store.ts";
import { openedBy, type JobId } from "./job-id.ts";
import { jobNotFound } from "./job-answers.ts";
import { refused, type Refused } from "./refusal.ts";
import { openedValues, type Opening } from "./seals.ts";

/** `never`: the order never had such a job. `withdrawn`: the order went on without it. */
export type JobEnd =
  | { readonly kind: "never" }
  | { readonly kind: "completed" | "failed" | "withdrawn"; readonly entry: Entry };

const PAGE_ENTRIES = 100;
/** 64 bits: the claims of one job will never share them. */
const CLAIM_NAME_DIGITS = 16;

/** Reads the history from where the job was opened. */
export async function endOf(store: Store, job: JobId): Promise<JobEnd> {
  const { orderId, id } = job;
  let isOpened = false;
  for (let after = openedBy(job) - 1; ; after += PAGE_ENTRIES) {
    const page = await store.orders.history(
      orderId,
      { after, limit: PAGE_ENTRIES },
      { centres: "*" },
    );
    for (const { line } of page) {
      const parsed = parseLine(line);
      if (parsed.kind !== "entry") return { kind: "never" };
      const { entry } = parsed;
      isOpened ||= tellsOf(entry, "job.opened", id);
      if (!isOpened) return { kind: "never" };
      const how = endIn(entry, id);
      if (how !== null) return { kind: how, entry };
    }
    if (page.length < PAGE_ENTRIES) return { kind: "never" };
  }
}

function endIn(entry: Entry, id: string): "completed" | "failed" | "withdrawn" | null {
  if (entry.payload["job"] === id) {
    if (entry.type === "job.completed") return "completed";
    if (entry.type === "job.failed") return "failed";
  }
  return tellsOf(entry, "job.closed", id) ? "withdrawn" : null;
}

function tellsOf({ effects }: Entry, type: string, id: string): boolean {
  return effects.some((effect) => effect.type === type && effect.params["job"] === id);
}

/** What a worker is told whose job ended without it. */
export function endedJob(end: JobEnd, id: string): Refused {
  if (end.kind === "never") return jobNotFound(id);
  const { revision, type, actor } = end.entry;
  const how = {
    completed: `it was completed at revision ${revision} by ${actor.sub}`,
    failed: `it failed for good at revision ${revision}`,
    withdrawn: `it was withdrawn at revision ${revision}, when ${type} let the order go on without it`,
  }[end.kind];
  return refused(
    "job-unknown",
    `Expected an open job, found that ${how}. Nothing was taken; there is nothing left to do for it.`,
  );
}

/** Names a claim in the history, and opens nothing: a part of the SHA-256 of its secret token. */
export function claimName({ token }: Pick<JobLease, "token">): string {
  return sha256(token).slice(0, CLAIM_NAME_DIGITS);
}

/** Whether the very same claim (of this caller, where no token names it) completed it with this output. */
export async function isSameEnd(
  opening: Opening,
  orderId: string,
  end: JobEnd,
  {
    sub,
    leaseToken,
    output,
  }: {
    readonly sub: string;
    readonly leaseToken: string | undefined;
    readonly output: JsonObject;
  },
): Promise<boolean> {
  if (end.kind !== "completed") return false;
  const { payload, actor } = end.entry;
  const isItself =
    leaseToken === undefined
      ? actor.sub === sub && payload["claim"] !== undefined
      : payload["claim"] === claimName({ token: leaseToken });
  const given = payload["output"];
  if (!isItself || !isJsonObject(given)) return false;
  const shownToNobody = { ...opening, evenRestricted: true } as const;
  const opened = unseal(given, await openedValues(shownToNobody, orderId, commitmentsIn(given)));
  return canonicalize(opened) === canonicalize(output);
}
