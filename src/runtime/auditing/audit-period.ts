/**
 * Audits all orders that lived in a period, page by page, and then the log's leaves from the period on. What is done is
 * handed out after each page, so that an audit that was killed goes on there.
 */

import type { Checkpoint } from "../../audit/log/checkpoint.ts";
import type { VerifierKey } from "../../audit/log/note-key.ts";
import type { StoredCheckpoint } from "../../store/contracts/merkle-log.ts";
import type { EpochMs, Store } from "../../store/store.ts";
import {
  auditLog,
  lastCheckpoint,
  signedCheckpoint,
  sizeBefore,
  type Signed,
  type Wrong,
} from "./audit-log.ts";
import type { AuditedOrder, ToAudit } from "./audit-order.ts";
import type { AuditFinding } from "./finding.ts";

export interface AuditPlan {
  /** Orders that changed at this instant or later. */
  readonly from: EpochMs | null;
  /** And began before this one. */
  readonly to: EpochMs | null;
  /** A key of the log that is known from elsewhere; null: the log's own word is taken for it. */
  readonly trusted: VerifierKey | null;
}

/** How far it has come; JSON. */
export interface AuditProgress {
  readonly phase: "orders" | "log" | "done";
  /** The id of the last order that was looked at. */
  readonly after: string | null;
  readonly orders: number;
  readonly entries: number;
  /** Orders that changed too short a time before the log's last checkpoint to be asked of it. */
  readonly tooNew: number;
  /** How many in all; of these, the first are kept. */
  readonly wrong: number;
  readonly findings: readonly AuditFinding[];
  /** Null: there is none, or it was not yet looked at. */
  readonly log: LogProgress | null;
}

export interface LogProgress {
  readonly checkpoint: StoredCheckpoint;
  /** Positions behind it are looked at. */
  readonly from: number;
  readonly reached: number;
}

export interface AuditPorts {
  readonly store: Pick<Store, "orders" | "log">;
  /** In the order in which they are given. */
  readonly audit: (
    orders: readonly ToAudit[],
    checkpoint: Pick<StoredCheckpoint, "time"> | null,
  ) => Promise<readonly AuditedOrder[]>;
}

export const NOTHING_DONE: AuditProgress = {
  ...{ phase: "orders", after: null, orders: 0, entries: 0, tooNew: 0, wrong: 0 },
  ...{ findings: [], log: null },
};

/** A report with more is read by nobody; what is wrong in so many places is wrong in one. */
const MAX_FINDINGS = 1_000;
/** Ids looked at with one statement. */
const PAGE = 500;

/** @param before from where it goes on */
export async function* auditPeriod(
  ports: AuditPorts,
  plan: AuditPlan,
  before: AuditProgress,
): AsyncGenerator<AuditProgress, void> {
  let done = before;
  if (done.phase === "orders") {
    for await (done of orderPages(ports, plan, done)) yield done;
  }
  if (done.phase === "log") {
    for await (done of logPages(ports, plan, done)) yield done;
  }
  yield { ...done, phase: "done" };
}

async function* orderPages(
  { store, audit }: AuditPorts,
  { from, to, trusted }: AuditPlan,
  before: AuditProgress,
): AsyncGenerator<AuditProgress, void> {
  const last = await lastCheckpoint(store.log, trusted);
  const checkpoint = last.kind === "signed" ? last.stored : null;
  const period = {
    ...(from === null ? {} : { changedFrom: from }),
    ...(to === null ? {} : { to }),
  };
  let done = before;
  for (;;) {
    const page = { after: done.after, limit: PAGE };
    const { orders, reached } = await store.orders.walk(period, page, { centres: "*" });
    const audited = await audit(orders, checkpoint);
    done = withFindings(
      {
        ...done,
        ...{ after: reached ?? done.after, orders: done.orders + orders.length },
        entries: audited.reduce((sum, { entries }) => sum + entries, done.entries),
        tooNew: done.tooNew + audited.filter(({ isTooNew }) => isTooNew).length,
      },
      audited.flatMap(({ finding }) => finding ?? []),
    );
    if (reached === null) break;
    yield done;
  }
  yield { ...done, phase: "log" };
}

async function* logPages(
  { store: { log } }: AuditPorts,
  { from, trusted }: AuditPlan,
  before: AuditProgress,
): AsyncGenerator<AuditProgress, void> {
  let done = before;
  const last = await checkpointOf({ log }, trusted, before);
  if (last.kind === "none") return;
  if (last.kind === "wrong") {
    yield withFindings(done, [last.finding]);
    return;
  }
  const { stored, checkpoint } = last;
  const start = done.log?.from ?? (await startOf({ log }, checkpoint, from));
  const reached = done.log?.reached ?? start;
  done = { ...done, log: { checkpoint: stored, from: start, reached } };
  yield done;
  for await (const page of auditLog(log, checkpoint, reached)) {
    const progress = { checkpoint: stored, from: start, reached: page.reached };
    done = withFindings({ ...done, log: progress }, page.findings);
    yield done;
  }
}

/** Once begun, an audit holds the entries against one root: the log may have grown since. */
function checkpointOf(
  { log }: Pick<Store, "log">,
  trusted: VerifierKey | null,
  { log: begun }: AuditProgress,
): Promise<Signed | Wrong | { readonly kind: "none" }> {
  if (begun === null) return lastCheckpoint(log, trusted);
  return signedCheckpoint(log, trusted, begun.checkpoint);
}

function startOf(
  { log }: Pick<Store, "log">,
  { size }: Pick<Checkpoint, "size">,
  from: EpochMs | null,
): Promise<number> {
  return from === null ? Promise.resolve(0) : sizeBefore(log, size, from);
}

function withFindings(done: AuditProgress, more: readonly AuditFinding[]): AuditProgress {
  if (more.length === 0) return done;
  const findings = [...done.findings, ...more].slice(0, MAX_FINDINGS);
  return { ...done, wrong: done.wrong + more.length, findings };
}
