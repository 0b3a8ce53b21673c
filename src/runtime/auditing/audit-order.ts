/** Audits one order: its history, its seals, all that lies beside it, and that its last entry stands in the log. */

import type { WalkedOrder } from "../../store/contracts/order-walk.ts";
import type { StoredCheckpoint } from "../../store/contracts/merkle-log.ts";
import { ArchiveDetached } from "../../store/errors.ts";
import type { Caller } from "../engine.ts";
import type { Reading } from "../read.ts";
import { verify } from "../verify.ts";
import { findingOf, type AuditFinding } from "./finding.ts";

/** All that an audit needs of an order that was met on its walk. */
export type ToAudit = Pick<WalkedOrder, "id" | "revision" | "updatedAt">;

export interface AuditedOrder {
  /** Found right. */
  readonly entries: number;
  readonly finding: AuditFinding | null;
  /** It changed too short a time before the log's last checkpoint to be asked of it. */
  readonly isTooNew: boolean;
}

const AUDITOR: Caller = { sub: "auditor", roles: ["auditor"], centres: null };

/** An entry is numbered and logged soon after its instant, by the database's clock; a transaction lasts 5 s at most. */
const SETTLED_MS = 15_000;

/**
 * @param checkpoint the log's last one; null: there is no log
 * @throws {ArchiveDetached} where the month of the order was taken out
 */
export async function auditOrder(
  reading: Reading,
  { id, revision, updatedAt }: ToAudit,
  checkpoint: Pick<StoredCheckpoint, "time"> | null,
): Promise<AuditedOrder> {
  const found = await verifiedAs(reading, id);
  const { entries, finding } = found;
  if (finding !== null) return { entries, finding, isTooNew: false };
  if (checkpoint === null || updatedAt > checkpoint.time - SETTLED_MS) {
    return { entries, finding: null, isTooNew: checkpoint !== null };
  }
  const position = await reading.store.log.position(id, revision, updatedAt);
  if (position !== null) return { entries, finding: null, isTooNew: false };
  const absent = { revision, field: "log", expected: "the entry in the log", found: "none" };
  return { entries, finding: findingOf(id, absent), isTooNew: false };
}

async function verifiedAs(
  reading: Reading,
  id: string,
): Promise<Pick<AuditedOrder, "entries" | "finding">> {
  try {
    const result = await verify(reading, AUDITOR, id);
    if (result.kind === "refused") return { entries: 0, finding: unreadable(id, result.detail) };
    const { entries, firstDivergence } = result;
    return { entries, finding: firstDivergence && findingOf(id, firstDivergence) };
  } catch (error) {
    if (error instanceof ArchiveDetached) throw error;
    // What is stored may be anything: one order that nobody can read hides no other.
    return { entries: 0, finding: unreadable(id, error instanceof Error ? error.message : "") };
  }
}

function unreadable(id: string, found: string): AuditFinding {
  return findingOf(id, { revision: null, field: "order", expected: "an order", found });
}
