/** Holds what lies beside a history against what the history comes to: timers, jobs, tasks, tags, and messages sent out. */

import canonicalize from "canonicalize";
import type { Executable } from "../../machines/compile/executable.ts";
import type { Effect, Order } from "../../machines/order.ts";
import { epochMs } from "../../machines/time/instant.ts";
import type { Diverged } from "../audit/replay.ts";
import type { BesideHistory } from "../store/contracts/beside-history.ts";
import type { Outbox, OutboxMessage } from "../store/store.ts";
import { storedJobType } from "./builtin-jobs.ts";
import { openPlaces } from "./open-tasks.ts";
import { tagsOf } from "./position.ts";

/** In characters; the index of tags holds no longer ones. */
const MAX_TAG_LENGTH = 200;

/** @param found null: nothing waits for the order any more */
export function misfitBeside(
  executable: Executable,
  { revision, snapshot }: Order,
  found: BesideHistory | null,
): Diverged | null {
  if (found !== null && found.revision !== revision) return null;
  const tags = tagsOf(executable.order, snapshot.value).filter(
    ({ length }) => length <= MAX_TAG_LENGTH,
  );
  const timers = snapshot.timers.map(({ id, dueAt }) => ({ id, dueAt: epochMs(dueAt) }));
  const jobs = snapshot.jobs.map(({ id, type, item = null, input }) => ({
    ...{ id, type: storedJobType(executable, type), item, input },
  }));
  const tasks = openPlaces(executable, snapshot).map(({ place, state }) => ({
    ...{ item: place.item ?? null, state: place.state, role: state.meta.role ?? null },
  }));
  const stored = (found?.jobs ?? []).map((job) => ({ ...job, input: inputIn(job.input) }));
  const isProjected = found?.isProjected ?? true;
  const pairs = [
    ["timers", timers, found?.timers ?? []],
    ["jobs", jobs, stored],
    ["tasks", isProjected ? tasks : [], isProjected ? (found?.tasks ?? []) : []],
    ["tags", tags, found === null || !isProjected ? tags : found.tags],
  ] as const;
  for (const [field, expected, there] of pairs) {
    const diverged = differing(revision, field, texts(expected), texts(there));
    if (diverged !== null) return diverged;
  }
  return null;
}

/** What the history says was sent out, as texts in its order. */
export function messagesOf(revision: number, effects: readonly Effect[]): readonly string[] {
  return effects.map(({ type, item, params, values }, index) =>
    text({ revision, index, type, item: item ?? null, params, values: values ?? null }),
  );
}

/** Of one order; more than any history has. */
const ALL_MESSAGES = 1_000_000;

/** @param expected up to and including the revision */
export async function misfitOutbox(
  outbox: Outbox,
  orderId: string,
  upTo: number,
  expected: readonly string[],
): Promise<Diverged | null> {
  const messages = await outbox.list(orderId, { afterRevision: 0, limit: ALL_MESSAGES });
  const found = messages.filter(({ revision }) => revision <= upTo).map(messageText);
  const at = [...expected, ...found].findIndex((_, index) => expected[index] !== found[index]);
  if (at < 0) return null;
  const place = messages[at]?.revision ?? upTo;
  return {
    ...{ kind: "diverged", revision: place, field: "outbox" },
    ...{ expected: expected[at] ?? "no message", found: found[at] ?? "none" },
  };
}

function messageText({ revision, index, type, item, params, values }: OutboxMessage): string {
  return text({ revision, index, type, item, params, values });
}

/** Whatever order rows and members come in. */
function texts(values: readonly unknown[]): readonly string[] {
  return values.map(text).toSorted();
}

function text(value: unknown): string {
  return canonicalize(value) ?? "nothing";
}

function differing(
  revision: number,
  field: string,
  expected: readonly string[],
  found: readonly string[],
): Diverged | null {
  if (expected.length === found.length && expected.every((each, at) => each === found[at])) {
    return null;
  }
  const lacking = expected.find((each) => !found.includes(each));
  const surplus = found.find((each) => !expected.includes(each));
  return {
    ...{ kind: "diverged", revision, field },
    ...{ expected: lacking ?? "no more", found: surplus ?? "none" },
  };
}

function inputIn(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}
