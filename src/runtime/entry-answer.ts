/** A history entry as it is answered to one caller: the stored line's members, persons' data by leave. */

import type { Entry } from "../audit/entry.ts";
import { parseLine } from "../audit/parse-line.ts";
import { unseal } from "../../machines/schema/tokens.ts";
import type { JsonObject } from "../../machines/json.ts";
import type { HistoryEntry as StoredEntry, Store } from "../store/store.ts";
import type { Library } from "./definitions.ts";
import type { Caller } from "./engine.ts";
import type { Keyring } from "./keyring.ts";
import { personsIn, type Persons } from "./persons.ts";
import { timerAnswer } from "./view.ts";
import type { HistoryEntry } from "./work-order.ts";

export interface EntryReading {
  readonly store: Store;
  readonly library: Library;
  readonly keyring: Pick<Keyring, "read">;
}

/** Null when the line is no entry, or its definition is not published: `verify` says more. */
export async function entryAnswer(
  { store, library, keyring }: EntryReading,
  caller: Caller,
  orderId: string,
  stored: Pick<StoredEntry, "line" | "hash">,
): Promise<HistoryEntry | null> {
  const parsed = parseLine(stored.line);
  const entry = parsed.kind === "entry" ? parsed.entry : null;
  const executable = entry === null ? null : await library.load(entry.digest);
  if (entry === null || executable === null) return null;
  const parts = [entry.payload, ...entry.effects.map((effect) => effect.params)];
  const filled = entry.effects.flatMap(({ values }) => (values === undefined ? [] : [values]));
  const vault = { store, keyring, orderId, fresh: [] };
  const persons = await personsIn([...parts, ...filled], executable, caller, vault);
  return answer(entry, stored.hash, persons);
}

function answer(entry: Entry, hash: string, persons: Persons): HistoryEntry {
  const { revision, at, type, actor, before, after, timers, effects, digest, prev } = entry;
  const opened = (value: JsonObject): JsonObject => unseal(value, persons);
  return {
    revision,
    at,
    type,
    payload: opened(entry.payload),
    actor: { sub: actor.sub, role: actor.role },
    before,
    after,
    effects: effects.map((effect) => ({
      ...effect,
      params: opened(effect.params),
      ...(effect.values === undefined ? {} : { values: opened(effect.values) }),
    })),
    timers: { set: timers.set.map(timerAnswer), cancelled: timers.cancelled },
    digest,
    prevHash: prev,
    hash,
  };
}
