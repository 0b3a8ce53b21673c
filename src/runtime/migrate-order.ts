/** Brings one open order into another version of its process: one decision, one entry, or a refusal and nothing written. */

import { createSenders } from "../audit/senders.ts";
import { parseLine } from "../audit/parse-line.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { newlySeparated } from "../../machines/migrate/migrate.ts";
import { compileRules } from "../../machines/migrate/rules.ts";
import type { StoredOrder } from "../store/store.ts";
import { applyMigration, type AppliedMigration } from "./apply-migration.ts";
import { actorsOf, scopeOf } from "./caller.ts";
import type { Ends, Migrated, MigrateRequest, MigrateResult } from "./contracts/migrations.ts";
import type { Caller, OrderResult, WriteOptions } from "./engine.ts";
import type { Random } from "./ports.ts";
import { historyDiverged, orderNotFound, refused, refusedBy, type Refused } from "./refusal.ts";
import { sightAfter } from "./sight.ts";
import { workOrder } from "./view.ts";
import { refusing, writeOrder, type On, type OrderWriting } from "./write-order.ts";

export interface Migrating extends OrderWriting {
  readonly random: Random;
}

/** Whoever changes under which rules an order lives. */
const MIGRATING_ROLES: readonly string[] = ["admin"];

export async function migrateOrder(
  ports: Migrating,
  caller: Caller,
  id: string,
  request: MigrateRequest,
  options: WriteOptions = {},
): Promise<MigrateResult> {
  if (!caller.roles.some((role) => MIGRATING_ROLES.includes(role))) {
    const detail = `Expected one of the roles ${MIGRATING_ROLES.join(", ")} to migrate an order, found ${caller.roles.join(", ") || "none"}.`;
    return refused("role-not-allowed", detail);
  }
  for (;;) {
    const ready = await prepared(ports, caller, id, request);
    if (ready.kind === "refused") return settledOr(ports, caller, id, options, ready);
    try {
      return await migrateOnce(ports, caller, ready, request, options);
    } catch (error) {
      if (!(error instanceof MovedOn)) throw error;
    }
  }
}

/** What was done before under the same key is answered again, though it could not be done now. */
async function settledOr(
  ports: Migrating,
  caller: Caller,
  id: string,
  options: WriteOptions,
  refusal: Refused,
): Promise<MigrateResult> {
  const asked = { caller, orderId: id, options, absent: orderNotFound(id) };
  const result = await writeOrder(ports, asked, () => refusing(refusal));
  return result.kind === "refused" ? result : { ...result, migrated: null };
}

/** What is known of the order before it is locked: its versions, the rules between them, and who did what. */
interface Ready {
  readonly kind: "ready";
  readonly id: string;
  readonly from: Executable;
  readonly to: Executable;
  readonly rules: ReturnType<typeof compileRules>["rules"];
  readonly performers: { readonly [event: string]: readonly string[] };
  /** Revision that the performers are told of; null: nobody is asked for. */
  readonly revision: number | null;
}

/** The order is another one than was looked at: it is looked at again. */
class MovedOn extends Error {
  override readonly name = "MovedOn";
}

async function prepared(
  { store, library }: Migrating,
  caller: Caller,
  id: string,
  request: MigrateRequest,
): Promise<Ready | Refused> {
  const stored = await store.orders.get(id, scopeOf(caller));
  if (stored === null) return orderNotFound(id);
  const from = await library.load(stored.digest);
  if (from === null) throw new Error(`Expected the definition ${stored.digest}, found none.`);
  const to = await library.resolve(stored.process, request.to);
  if ("kind" in to) return to;
  const { rules, findings } = compileRules({ from, to }, request.rules ?? {});
  if (findings.length > 0) {
    const detail = `Expected rules from ${from.version} to ${to.version} of ${from.process}, found ${findings.length} that can't be followed: each stands in \`findings\`.`;
    return refused("migration-rules-invalid", detail, { findings });
  }
  const ready = { kind: "ready", id, from, to, rules } as const;
  const asked = newlySeparated({ from, to });
  if (asked.length === 0) return { ...ready, performers: {}, revision: null };
  const told = await sendersIn({ store }, stored, asked);
  if (told.kind === "refused") return told;
  return { ...ready, performers: told.performers, revision: stored.revision };
}

const PAGE_ENTRIES = 500;

async function sendersIn(
  { store }: Pick<Migrating, "store">,
  { id, revision }: StoredOrder,
  events: readonly string[],
): Promise<{ readonly kind: "told"; readonly performers: Ready["performers"] } | Refused> {
  const senders = createSenders();
  let after = 0;
  while (after < revision) {
    const page = { after, limit: Math.min(PAGE_ENTRIES, revision - after) };
    const entries = await store.orders.history(id, page, { centres: "*" });
    if (entries.length === 0) return historyDiverged(id, after + 1, "line");
    for (const { line, revision: at } of entries) {
      const parsed = parseLine(line);
      if (parsed.kind === "malformed") return historyDiverged(id, at, parsed.field);
      senders.note(parsed.entry);
      after = at;
    }
  }
  const known = events.map((event) => [event, senders.of(event)] as const);
  const some = known.filter(([, who]) => who.length > 0);
  return { kind: "told", performers: Object.fromEntries(some) };
}

async function migrateOnce(
  ports: Migrating,
  caller: Caller,
  ready: Ready,
  { reason, run, isDryRun = false }: MigrateRequest,
  options: WriteOptions,
): Promise<MigrateResult> {
  const { id, from, to, rules, performers, revision } = ready;
  const about = {
    ...(run === undefined ? {} : { run }),
    ...(reason === undefined ? {} : { reason }),
  };
  let migrated: Migrated | null = null;
  const result = await writeOrder(
    ports,
    { caller, orderId: id, options, absent: orderNotFound(id) },
    (on) => {
      const { current, now } = on;
      if (current.digest !== from.digest) throw new MovedOn("another version");
      if (revision !== null && current.revision !== revision) throw new MovedOn("a further entry");
      const [actor] = actorsOf(caller, MIGRATING_ROLES, current.centre);
      const attempt = { rules, about, actor, now, performers };
      const applied = applyMigration({ from, to }, current, attempt, ports.random);
      if (applied.kind === "rejected") return refusing(refusedBy(applied));
      migrated = toldOf(ready, current, applied);
      if (isDryRun) {
        const ask = () => wouldBe(ports, caller, on, to, applied);
        return { kind: "leave", result: { kind: "asked", ask } };
      }
      const verdict = { kind: "applied", applied, executable: to } as const;
      return { kind: "write", write: applied.write, result: verdict };
    },
  );
  if (result.kind === "refused") return result;
  return { kind: "ok", order: result.order, migrated };
}

async function wouldBe(
  { store, keyring }: Migrating,
  caller: Caller,
  { current }: On,
  to: Executable,
  { order, write }: AppliedMigration,
): Promise<OrderResult> {
  const sight = await sightAfter(store, to, current, order);
  const vault = { store, keyring, orderId: current.id, fresh: write.sealed };
  return { kind: "ok", order: await workOrder(sight, caller, vault) };
}

function toldOf({ from, to }: Ready, current: StoredOrder, applied: AppliedMigration): Migrated {
  const { snapshot } = applied.order;
  const before = current.snapshot.value();
  const { timers, jobs, tasks } = applied.write;
  return {
    ...{ from: from.version, to: to.version, before: before.value, after: snapshot.value },
    timers: ends(snapshot.timers, before.timers, timers.set, timers.cancelled),
    jobs: ends(snapshot.jobs, before.jobs, jobs.opened, jobs.closed),
    tasks: { begun: tasks.opened.map(placeOf), ended: tasks.closed.map(placeOf) },
    payload: applied.payload,
  };
}

interface Pending {
  readonly id: string;
  readonly item?: string;
  readonly state: string;
}

function ends(
  after: readonly Pending[],
  before: readonly Pending[],
  begun: readonly { readonly id: string }[],
  ended: readonly string[],
): Ends {
  const named = (all: readonly Pending[], ids: readonly string[]): readonly string[] =>
    all.filter(({ id }) => ids.includes(id)).map(placeOf);
  return {
    begun: named(
      after,
      begun.map(({ id }) => id),
    ),
    ended: named(before, ended),
  };
}

function placeOf({
  item,
  state,
}: {
  readonly item?: string | null;
  readonly state: string;
}): string {
  return item === undefined || item === null ? state : `${item}: ${state}`;
}
