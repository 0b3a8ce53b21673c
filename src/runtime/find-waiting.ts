/** Finds the order that waits for a message from its sender: correlated, open, and ready to take the event now. */

import type { Executable } from "../../machines/compile/executable.ts";
import type { JsonObject } from "../../machines/json.ts";
import { choices } from "../../machines/step/choices.ts";
import { formatInstant } from "../../machines/time/instant.ts";
import type { Correlation, FoundOrders } from "../store/contracts/messages.ts";
import type { EpochMs, Store, StoredOrder } from "../store/store.ts";
import { applyEvent, orderOf } from "./apply.ts";
import { actorsOf, everyActorOf, scopeOf } from "./caller.ts";
import type { Library } from "./definitions.ts";
import type { Caller } from "./engine.ts";
import { othersTurn } from "./in-turns.ts";
import type { Random } from "./ports.ts";

export interface Finding {
  readonly store: Store;
  readonly library: Library;
  readonly random: Random;
}

export interface Wanted {
  readonly caller: Caller;
  readonly name: string;
  readonly correlation: Correlation;
  /** Null: whatever it holds. */
  readonly payload: JsonObject | null;
  /** Definitions that know the event. */
  readonly digests: readonly string[];
  /** Only orders that changed since; null: all. */
  readonly since: EpochMs | null;
}

export type Waiting =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly id: string }
  /** `ids`: the first of them; `all` false: there may be more. */
  | { readonly kind: "several"; readonly ids: readonly string[]; readonly all: boolean };

/** So many correlated orders are looked at, and so many that wait; beyond, the correlation says too little. */
const MAX_LOOKED_AT = 200;
const MAX_WAITING = 20;
/** Between so many the event loop sees to others. */
const AT_A_TIME = 20;

export async function findWaiting(ports: Finding, wanted: Wanted): Promise<Waiting> {
  const { store } = ports;
  const { caller, correlation, digests, since } = wanted;
  const waiting: Ready[] = [];
  let seen = 0;
  // One page as a rule: a search by fields looks at every open order, so it is not done again for each fifty.
  for (let after: string | null = digests.length === 0 ? null : ""; after !== null;) {
    const search = { correlation, digests, since, after, limit: MAX_LOOKED_AT + 1 };
    const page: FoundOrders = await store.messages.orders(search, scopeOf(caller));
    const now = await store.now();
    for (const order of page.items) {
      seen += 1;
      if (seen % AT_A_TIME === 0) await othersTurn();
      const ready = await readyFor(ports, wanted, order, now);
      if (ready !== null) waiting.push(ready);
      if (waiting.length > MAX_WAITING || seen > MAX_LOOKED_AT) {
        return { kind: "several", ids: idsOf(waiting).slice(0, MAX_WAITING), all: false };
      }
    }
    after = page.next;
  }
  return oneOf(ports, wanted, waiting);
}

/** An order that takes such an event now, though perhaps not with this payload. */
interface Ready {
  readonly order: StoredOrder;
  readonly executable: Executable;
  readonly now: EpochMs;
}

async function readyFor(
  { store, library }: Finding,
  { caller, name, payload }: Wanted,
  order: StoredOrder,
  databaseNow: EpochMs,
): Promise<Ready | null> {
  const executable = library.peek(order.digest) ?? (await library.load(order.digest));
  const spec = executable?.events.get(name);
  if (executable === null || spec === undefined) return null;
  const now = await clockOf(store, order, databaseNow);
  const key = spec.item === null ? undefined : executable.items.get(spec.item)?.key;
  const item = key === undefined ? undefined : payload?.[key];
  const isReady = everyActorOf(caller, order.centre).some((actor) =>
    choices(executable, orderOf(order), actor, formatInstant(now)).enabled.some(
      (choice) => choice.event === name && (typeof item !== "string" || choice.item === item),
    ),
  );
  return isReady ? { order, executable, now } : null;
}

/** Of several that wait for such an event, the payload may fit one alone. */
function oneOf(ports: Finding, wanted: Wanted, waiting: readonly Ready[]): Waiting {
  const fitting = waiting.length > 1 ? waiting.filter((ready) => takes(ports, wanted, ready)) : [];
  const [only, ...others] = fitting.length > 0 ? fitting : waiting;
  if (only === undefined) return { kind: "none" };
  if (others.length === 0) return { kind: "one", id: only.order.id };
  return { kind: "several", ids: idsOf([only, ...others]), all: true };
}

function takes(
  { random }: Finding,
  { caller, name, payload }: Wanted,
  { order, executable, now }: Ready,
): boolean {
  if (payload === null) return true;
  const actors = actorsOf(caller, executable.events.get(name)?.by ?? null, order.centre);
  const attempt = { type: name, payload, actors };
  return applyEvent(executable, order, formatInstant(now), attempt, random).kind === "applied";
}

async function clockOf(
  store: Store,
  { testClock, at }: StoredOrder,
  databaseNow: EpochMs,
): Promise<EpochMs> {
  const clock = testClock === null ? null : await store.testClocks.get(testClock);
  return Math.max(clock === null ? databaseNow : clock.now, at);
}

function idsOf(waiting: readonly Ready[]): readonly string[] {
  return waiting.map(({ order }) => order.id);
}
