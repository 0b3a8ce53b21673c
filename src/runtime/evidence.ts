/** Makes an order's evidence bundle, and gives none that would not verify: what is stored may have been altered. */

import { bundleText, type Bundle } from "../audit/evidence/bundle.ts";
import { createChain, type Chain } from "../audit/evidence/chain.ts";
import { makeBundle } from "../audit/evidence/make-bundle.ts";
import { bundleReadme } from "../audit/evidence/readme.ts";
import type { Refuted } from "../audit/evidence/verdict.ts";
import { alteredDefinition, standsInLog } from "../audit/evidence/verify-bundle.ts";
import { checkpointIn } from "../audit/log/grow.ts";
import { parseVerifierKey } from "../audit/log/note-key.ts";
import type { HistoryEntry, Scope, Store, StoredOrder } from "../store/store.ts";
import { scopeOf } from "./caller.ts";
import type { Disclosure, Evidence } from "./contracts/evidence.ts";
import { disclosedRows } from "./disclosure.ts";
import type { EntryProof, HistoryLog } from "./history-log.ts";
import type { Reading } from "./read.ts";
import { orderNotFound, refused, type Refused } from "./refusal.ts";

export interface EvidencePorts extends Reading {
  readonly log: Pick<HistoryLog, "prove" | "keys">;
}

/** How long to wait for a checkpoint that covers the order's last entry: one is signed every second, and a busy log is behind. */
const PATIENCE_MS = 5_000;

export function createEvidence(ports: EvidencePorts, patienceMs = PATIENCE_MS): Evidence {
  const { store, log } = ports;
  return async (caller, id, disclose) => {
    const scope = scopeOf(caller);
    const order = await store.orders.get(id, scope);
    if (order === null) return orderNotFound(id);
    const history = await historyOf(store, order, scope);
    if (history.kind === "refuted") return altered(id, history);
    const proof = await log.prove(order, history.last, patienceMs);
    if (proof === null) return notYet(order);
    const bundle = await bundled(ports, caller, { order, history, proof, disclose });
    if (bundle.kind === "refused") return bundle;
    const refutation = await refutationOf(ports, bundle.bundle, history.chain);
    return refutation === null
      ? { kind: "ok", text: bundleText(bundle.bundle) }
      : altered(id, refutation);
  };
}

interface History {
  readonly kind: "history";
  readonly chain: Chain;
  readonly lines: readonly string[];
  readonly last: HistoryEntry;
}

const PAGE = { limit: 200, bytes: 1_000_000 };

/** All entries up to the revision that the order had when it was read. */
async function historyOf(
  store: Pick<Store, "orders">,
  order: StoredOrder,
  scope: Scope,
): Promise<History | Refuted> {
  const chain = createChain(order.id);
  const lines: string[] = [];
  let last: HistoryEntry | null = null;
  while (lines.length < order.revision) {
    const limit = Math.min(PAGE.limit, order.revision - lines.length);
    const page = await store.orders.history(
      order.id,
      { ...PAGE, limit, after: lines.length },
      scope,
    );
    if (page.length === 0) break;
    for (const entry of page) {
      const misplaced = chain.take(entry.line);
      if (misplaced !== null) return misplaced;
      lines.push(entry.line);
      last = entry;
    }
  }
  const place = `entry ${lines.length}`;
  if (last === null || lines.length < order.revision) {
    return {
      kind: "refuted",
      place,
      expected: `${order.revision} entries`,
      found: "none after it",
    };
  }
  if (chain.lastHash() !== order.lastHash) {
    return { kind: "refuted", place, expected: order.lastHash, found: chain.lastHash() };
  }
  return { kind: "history", chain, lines, last };
}

interface Given {
  readonly order: StoredOrder;
  readonly history: History;
  readonly proof: EntryProof;
  readonly disclose: Disclosure;
}

async function bundled(
  ports: EvidencePorts,
  caller: Parameters<Evidence>[0],
  { order, history, proof, disclose }: Given,
): Promise<{ readonly kind: "bundle"; readonly bundle: Bundle } | Refused> {
  const { entries } = history.chain;
  const disclosed = await disclosedRows(ports, caller, { id: order.id, entries }, disclose);
  if (disclosed.kind === "refused") return disclosed;
  const { position, path, checkpoint } = proof;
  const bundle = makeBundle({
    ...{ order: order.id, lines: history.lines, entries },
    origin: checkpointIn(checkpoint.note)?.origin ?? "",
    definitions: await definitionsOf(ports.store, new Set(entries.map(({ digest }) => digest))),
    values: disclosed.rows,
    proof: { position, size: checkpoint.size, path },
    note: checkpoint.note,
    readme: bundleReadme(),
  });
  return { kind: "bundle", bundle };
}

async function definitionsOf(
  { definitions }: Pick<Store, "definitions">,
  digests: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all([...digests].map((digest) => definitions.byDigest(digest)));
  return new Map(
    found.flatMap((definition) =>
      definition === null ? [] : [[definition.digest, definition.canonical] as const],
    ),
  );
}

/** Its chain was looked at as it was read, its values as they were opened. */
async function refutationOf(
  { log }: EvidencePorts,
  bundle: Bundle,
  chain: Chain,
): Promise<Refuted | null> {
  const keys = (await log.keys()).flatMap(({ vkey }) => parseVerifierKey(vkey) ?? []);
  const stands = standsInLog(bundle, chain.lastHash(), keys);
  return stands.kind === "refuted" ? stands : alteredDefinition(bundle, chain.entries);
}

function altered(id: string, { place, expected, found }: Refuted): Refused {
  return refused(
    "history-diverged",
    `Expected evidence that proves itself, found none for order ${id}: at ${place}, ${expected} was expected, and ${found} is stored. What is stored was altered; \`POST /v1/work-orders/${id}/verify\` says more. Restore the order from a copy that verifies.`,
  );
}

function notYet({ id, revision }: StoredOrder): Refused {
  return refused(
    "evidence-pending",
    `Expected a checkpoint of the log over entry ${revision} of order ${id}, found none yet: the log is signed every second while a server with its key runs. Ask again; if it goes on, see \`sevenstep log\`.`,
  );
}
