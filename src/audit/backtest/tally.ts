/** Counts what many backtested histories came to: causes and ends, most frequent first, with examples of each. */

import type { StateValue } from "../../../machines/order.ts";
import type { Backtested, Standing, Unproven, Verdict } from "./backtest-history.ts";
import type { Refusal } from "./course.ts";

/** Where to look: an order, and the entry of it. */
export interface Example {
  readonly id: string;
  readonly revision: number;
}

interface Counted {
  count: number;
  readonly examples: Example[];
}

/** Histories whose first refusal is of one kind. */
export interface RefusedFor extends Readonly<Counted> {
  /** One of them, for the words that belong to it. */
  readonly refusal: Refusal;
}

export interface EndedElsewhere extends Readonly<Counted> {
  readonly told: Standing;
  readonly found: Standing;
}

/** Where ways parted, though nothing was refused until then. */
export interface PartedAt extends Readonly<Counted> {
  readonly event: string;
  readonly told: StateValue;
  readonly found: StateValue;
}

export interface EffectSum {
  readonly effect: string;
  readonly told: number;
  readonly found: number;
  /** In how many histories they differ. */
  readonly histories: number;
}

export interface BacktestSummary {
  readonly histories: number;
  readonly entries: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** By the version that they were started under. */
  readonly versions: readonly (readonly [version: string, histories: number])[];
  /** Those that had gone on in another version on the way. */
  readonly migrated: number;
  readonly refusals: readonly RefusedFor[];
  readonly endings: readonly EndedElsewhere[];
  readonly partings: readonly PartedAt[];
  readonly effects: readonly EffectSum[];
  /** Histories that do not replay, or can't be read; `unproven` and `unread` hold some of them. */
  readonly unprovenCount: number;
  readonly unproven: readonly Unproven[];
  /** Why they can't be read. */
  readonly unread: readonly string[];
}

export interface Tally {
  readonly add: (result: Backtested | Unproven) => void;
  readonly addUnread: (reason: string) => void;
  readonly summary: () => BacktestSummary;
}

const EXAMPLES = 3;
/** Kinds that are told apart; what comes beyond them is counted in the verdicts alone. */
const KINDS = 1_000;

export function createTally(): Tally {
  const verdicts = { same: 0, elsewhere: 0, refused: 0, undecided: 0 };
  const versions = new Map<string, number>();
  const refusals = new Map<string, Counted & { readonly refusal: Refusal }>();
  const endings = new Map<string, Counted & Pick<EndedElsewhere, "told" | "found">>();
  const partings = new Map<string, Counted & Pick<PartedAt, "event" | "told" | "found">>();
  const effects = new Map<string, { told: number; found: number; histories: number }>();
  const unproven: Unproven[] = [];
  const unread: string[] = [];
  let entries = 0;
  let migrated = 0;
  let unprovenCount = 0;

  const judged = (result: Backtested): void => {
    const { id, verdict, version, told, found, parting } = result;
    verdicts[verdict] += 1;
    entries += result.entries;
    migrated += result.isMigrated ? 1 : 0;
    versions.set(version, (versions.get(version) ?? 0) + 1);
    const cause = causeOf(result);
    if (cause !== null) {
      countIn(refusals, kindOf(cause), { id, revision: cause.revision }, { refusal: cause });
    }
    if (verdict === "elsewhere" && found !== null) {
      countIn(endings, keyOf(told, found), { id, revision: result.entries }, { told, found });
    }
    if (parting !== null) {
      const { event, revision } = parting;
      const place = { event, told: parting.told, found: parting.found };
      countIn(partings, keyOf(place), { id, revision }, place);
    }
    for (const { effect, ...times } of result.effects) {
      const sum = effects.get(effect) ?? { told: 0, found: 0, histories: 0 };
      sum.told += times.told;
      sum.found += times.found;
      sum.histories += 1;
      effects.set(effect, sum);
    }
  };

  return {
    add: (result) => {
      if (result.kind === "backtested") return judged(result);
      unprovenCount += 1;
      if (unproven.length < EXAMPLES) unproven.push(result);
    },
    addUnread: (reason) => {
      unprovenCount += 1;
      if (unread.length < EXAMPLES) unread.push(reason);
    },
    summary: () => ({
      ...{ histories: sumOf(verdicts) + unprovenCount, entries, verdicts: { ...verdicts } },
      migrated,
      versions: [...versions].toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true })),
      refusals: byCount(refusals),
      endings: byCount(endings),
      partings: byCount(partings),
      effects: [...effects].map(([effect, sum]) => ({ effect, ...sum })),
      ...{ unprovenCount, unproven: [...unproven], unread: [...unread] },
    }),
  };
}

/** The first that is certain; where none is, the first. */
function causeOf({ refusals }: Backtested): Refusal | null {
  return refusals.find(({ isDecided }) => isDecided) ?? refusals[0] ?? null;
}

/** What is wrong at one place of a list is wrong at all. */
function kindOf({ event, rejected, order }: Refusal): string {
  const { code, pointer, because, errors } = rejected;
  const places = errors?.map((error) => error.pointer.replaceAll(/\/\d+(?=\/|$)/g, "/*"));
  return keyOf(event, code, pointer ?? because ?? null, places ?? null, order?.snapshot.value);
}

function countIn<Kind>(
  kinds: Map<string, Counted & Kind>,
  key: string,
  example: Example,
  kind: Kind,
): void {
  const known = kinds.get(key);
  if (known === undefined) {
    if (kinds.size < KINDS) kinds.set(key, { ...kind, count: 1, examples: [example] });
    return;
  }
  known.count += 1;
  if (known.examples.length < EXAMPLES) known.examples.push(example);
}

function byCount<Kind extends Counted>(kinds: ReadonlyMap<string, Kind>): readonly Kind[] {
  return [...kinds.values()].toSorted((a, b) => b.count - a.count);
}

function keyOf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

function sumOf(verdicts: Readonly<Record<Verdict, number>>): number {
  return Object.values(verdicts).reduce((sum, count) => sum + count, 0);
}
