/** Histories prove themselves: what is stored follows from them, and what was altered is found and named. */

import { expect, test } from "vitest";
import { snapshotIn } from "../../src/audit/snapshot.ts";
import { hashLine } from "../../src/audit/entry.ts";
import type { KeptValue } from "../../src/store/contracts/sealed.ts";
import type { Checkpoint, HistoryEntry, Store, StoredOrder } from "../../src/store/store.ts";
import { describeOnDatabases, type OpenStore } from "../support/databases.ts";
import {
  ADMIN,
  COURIER,
  createParcel,
  granted,
  parcelServer,
  sent,
  server,
  viewed,
  type Server,
} from "./engine.ts";

type History = readonly HistoryEntry[];

interface Alteration {
  readonly what: string;
  readonly history?: (entries: History) => History;
  readonly order?: (order: StoredOrder) => StoredOrder;
  readonly checkpoint?: (checkpoint: Checkpoint) => Checkpoint;
  /** @param line in which its commitment stands */
  readonly sealed?: (value: KeptValue, line: string) => readonly KeptValue[];
  /** Where it is found: revision and field. */
  readonly found: readonly [number, string];
}

/** Somebody who knows the format writes the hashes anew, too. */
function rewritten(entry: HistoryEntry, change: (line: string) => string): HistoryEntry {
  const line = change(entry.line);
  return { ...entry, line, hash: hashLine(line) };
}

/** Nobody without the key can make a box; a value in clear beside the history, or in its place, anybody. */
function inClear(
  { commitment }: KeptValue,
  forged: { readonly salt?: string; readonly value?: string },
): KeptValue {
  return { kind: "clear", commitment, salt: "1".repeat(64), value: "Grace Hopper", ...forged };
}

function at(revision: number, change: (line: string) => string): (entries: History) => History {
  return (entries) =>
    entries.map((entry) => (entry.revision === revision ? rewritten(entry, change) : entry));
}

const ALTERATIONS: readonly Alteration[] = [
  {
    what: "a value in a payload",
    history: at(2, (line) => line.replace('"weight":2.5', '"weight":2.6')),
    found: [2, "state"],
  },
  {
    what: "a value in a payload that leaves no trace in the state",
    history: at(5, (line) => line.replace('"sub":"bo"', '"sub":"al"')),
    found: [5, "lastHash"],
  },
  {
    what: "who sent an event",
    history: at(2, (line) => line.replace('"sub":"ann"', '"sub":"bob"')),
    found: [3, "prev"],
  },
  {
    what: "a role that may not send it",
    history: at(4, (line) => line.replace('"role":"clerk"', '"role":"courier"')),
    found: [4, "type"],
  },
  {
    what: "the instant",
    history: at(3, (line) => line.replace(/"at":"20\d\d/, '"at":"2019')),
    found: [3, "at"],
  },
  {
    what: "the instant of a timer",
    history: at(4, (line) => line.replace(/"dueAt":"20\d\d/, '"dueAt":"2001')),
    found: [4, "timers"],
  },
  {
    what: "the state before",
    history: at(4, (line) => line.replace('"before":"desk"', '"before":"booking"')),
    found: [4, "before"],
  },
  {
    what: "an effect",
    history: at(4, (line) => line.replace('"message":"hello"', '"message":"hallo"')),
    found: [4, "effects"],
  },
  {
    what: "a moved item",
    history: at(3, (line) =>
      line.replace('"notes/n1":[null,"open"]', '"notes/n1":[null,"closed"]'),
    ),
    found: [3, "items"],
  },
  {
    what: "a commitment",
    history: at(3, (line) => line.replaceAll(/sealed:[0-9a-f]{64}/g, `sealed:${"0".repeat(64)}`)),
    found: [3, "sealed"],
  },
  {
    what: "a personal value in clear",
    history: at(1, (line) => line.replace(/sealed:[0-9a-f]{64}/, "Grace Hopper")),
    found: [1, "payload"],
  },
  {
    what: "the definition",
    history: at(2, (line) =>
      line.replace(/"digest":"[0-9a-f]{64}"/, `"digest":"${"0".repeat(64)}"`),
    ),
    found: [2, "digest"],
  },
  { what: "a blank", history: at(2, (line) => line.replace(",", ", ")), found: [2, "line"] },
  { what: "no JSON", history: at(2, (line) => line.slice(1)), found: [2, "line"] },
  {
    what: "another order's history",
    history: (entries) => entries.map((entry) => rewritten(entry, (line) => line)).slice(1),
    found: [1, "revision"],
  },
  {
    what: "an entry is missing",
    history: (entries) => entries.filter(({ revision }) => revision !== 3),
    found: [3, "revision"],
  },
  {
    what: "two entries change places",
    history: ([first, second, third, ...rest]) =>
      [first, third, second, ...rest].filter((entry) => entry !== undefined),
    found: [2, "revision"],
  },
  { what: "the end is cut off", history: (entries) => entries.slice(0, 4), found: [5, "line"] },
  { what: "all is gone", history: () => [], found: [1, "line"] },
  {
    what: "the hash beside the line",
    history: (entries) => entries.map((entry) => ({ ...entry, hash: "0".repeat(64) })),
    found: [1, "hash"],
  },
  {
    what: "the snapshot",
    order: (order) => ({
      ...order,
      snapshot: snapshotIn(order.snapshot.text.replace("2.5", "2.6")),
    }),
    found: [5, "snapshot"],
  },
  {
    what: "the checkpoint",
    checkpoint: (one) => ({ ...one, text: one.text.replace("2.5", "2.6") }),
    found: [5, "snapshot"],
  },
  {
    what: "the checkpoint's place",
    checkpoint: (one) => ({ ...one, hash: "0".repeat(64) }),
    found: [5, "hash"],
  },
  { what: "the status", order: (order) => ({ ...order, status: "active" }), found: [5, "status"] },
  {
    what: "an incident of an order that has ended",
    order: (order) => ({ ...order, status: "incident" }),
    found: [5, "status"],
  },
  { what: "the step", order: (order) => ({ ...order, step: "intake" }), found: [5, "step"] },
  { what: "the process", order: (order) => ({ ...order, process: "bill" }), found: [5, "process"] },
  {
    what: "the version",
    order: (order) => ({ ...order, version: "9.0.0" }),
    found: [5, "version"],
  },
  { what: "the outcome", order: (order) => ({ ...order, outcome: "lost" }), found: [5, "outcome"] },
  { what: "the centre", order: (order) => ({ ...order, centre: "north" }), found: [5, "centre"] },
  {
    what: "a personal value beside its commitment",
    sealed: (one, line) =>
      line.includes('"revision":3') ? [inClear(one, { value: "ring once" })] : [one],
    found: [3, "sealed"],
  },
  {
    what: "the salt of a commitment",
    sealed: (one) => [one, inClear(one, { salt: "0".repeat(64) })],
    found: [1, "sealed"],
  },
];

describeOnDatabases("verify", (open) => {
  async function parcelWithPast(one: Server): Promise<string> {
    const { id } = await createParcel(one);
    await sent(one, id, "WEIGH", { weight: 2.5 });
    await sent(one, id, "NOTE", { note: "n1", text: "ring twice" });
    await sent(one, id, "HAND_OVER");
    await sent(one, id, "DELIVER", {}, COURIER);
    return id;
  }

  /** A second server that reads what somebody made of the database. */
  function altered({
    history = (entries) => entries,
    order = (same) => same,
    checkpoint = (same) => same,
    sealed = (same) => [same],
  }: Partial<Alteration>): OpenStore {
    return async (ports) => {
      const store: Store = await open(ports);
      return {
        ...store,
        orders: {
          ...store.orders,
          history: async (id, page, scope) => {
            const whole = await store.orders.history(id, { after: 0, limit: 1_000 }, scope);
            return history(whole).slice(page.after, page.after + page.limit);
          },
          checkpoint: async (id) => {
            const stored = await store.orders.checkpoint(id);
            return stored === null ? null : checkpoint(stored);
          },
          get: async (id, scope) => {
            const stored = await store.orders.get(id, scope);
            return stored === null ? null : order(stored);
          },
        },
        sealed: {
          ...store.sealed,
          kept: async (id, commitments) => {
            const kept = await store.sealed.kept(id, commitments);
            const page = { after: 0, limit: 1_000 };
            const lines = (await store.orders.history(id, page, { centres: "*" })).map(
              ({ line }) => line,
            );
            const lineOf = (one: KeptValue): string =>
              lines.find((line) => line.includes(one.commitment)) ?? "";
            return { ...kept, values: kept.values.flatMap((one) => sealed(one, lineOf(one))) };
          },
        },
      };
    };
  }

  test("proves an order that nobody altered", async () => {
    const one = await parcelServer(open);
    const id = await parcelWithPast(one);
    const verified = granted(await one.engine.orders.verify(ADMIN, id));
    expect(verified).toEqual({ kind: "ok", verified: true, entries: 5, firstDivergence: null });
  });

  test("a box that was altered is as good as gone, and breaks no proof", async () => {
    const one = await parcelServer(open);
    const id = await parcelWithPast(one);
    const two = await server(
      altered({
        sealed: (kept) => {
          if (kept.kind === "clear") return [kept];
          const box = Uint8Array.from(kept.box);
          box[20] = (box[20] ?? 0) ^ 1;
          return [{ ...kept, box }];
        },
      }),
    );
    expect(granted(await two.engine.orders.verify(ADMIN, id))).toMatchObject({ verified: true });
    expect((await viewed(two, id)).data).toMatchObject({
      recipient: expect.stringMatching(/^sealed:/),
    });
  });

  test("nobody is told an altered past: history and at refuse, and name the revision", async () => {
    const one = await parcelServer(open);
    const id = await parcelWithPast(one);
    const torn = await server(altered({ history: at(3, (line) => line.slice(1)) }));
    const code = "history-diverged";
    expect(await torn.engine.orders.at(ADMIN, id, { revision: 5 })).toMatchObject({ code });
    const page = { after: 0, limit: 50 };
    const told = await torn.engine.orders.history(ADMIN, id, page);
    expect(told).toMatchObject({ code, detail: expect.stringContaining("revision 3") });
    expect(granted(await torn.engine.orders.at(ADMIN, id, { revision: 2 })).order.revision).toBe(2);
  });

  test("names the first place of every alteration", async () => {
    const one = await parcelServer(open);
    const id = await parcelWithPast(one);
    for (const alteration of ALTERATIONS) {
      const two = await server(altered(alteration));
      const { verified, firstDivergence } = granted(await two.engine.orders.verify(ADMIN, id));
      const found = [firstDivergence?.revision, firstDivergence?.field];
      expect([alteration.what, verified, found]).toEqual([
        alteration.what,
        false,
        alteration.found,
      ]);
    }
  });

  test("snapshots that were forgotten are rebuilt from history, to the byte", async () => {
    const one = await parcelServer(open);
    const id = await parcelWithPast(one);
    const open2 = await createParcel(one);
    await sent(one, open2.id, "NOTE", { note: "n1", text: "ring twice" });
    const before = await one.store.orders.get(id, { centres: "*" });
    const answers = [await viewed(one, id), await viewed(one, open2.id)];
    await one.store.orders.forgetSnapshots();
    expect(await one.store.orders.get(id, { centres: "*" })).toEqual(before);
    expect([await viewed(one, id), await viewed(one, open2.id)]).toEqual(answers);
    expect(await sent(one, open2.id, "HAND_OVER")).toMatchObject({ revision: 3 });
    expect(granted(await one.engine.orders.verify(ADMIN, open2.id)).verified).toBe(true);
  });

  test("a history that is longer than a page is proven whole", async () => {
    const one = await parcelServer(open);
    const { id } = await createParcel(one);
    for (let weight = 1; weight <= 120; weight += 1) await sent(one, id, "WEIGH", { weight });
    const verified = granted(await one.engine.orders.verify(ADMIN, id));
    expect(verified).toMatchObject({ verified: true, entries: 121 });
    const then = granted(await one.engine.orders.at(ADMIN, id, { revision: 111 })).order;
    expect(then.data).toMatchObject({ weight: 110 });
  });
});
