/** Laws of the step: the same arguments give the same bytes, and nothing that is handed in is ever changed. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../../machines/json.ts";
import type { Instant, Order, OrderEvent } from "../../../machines/order.ts";
import { choices } from "../../../machines/step/choices.ts";
import { renderMessage } from "../../../machines/step/messages.ts";
import { start } from "../../../machines/step/start.ts";
import { step } from "../../../machines/step/step.ts";
import { NOW, engine, executableOf, restored, stepped } from "./orders.ts";

/** A little of everything: regions, history, items, timers, jobs, effects with texts, separation, an invariant. */
const document: JsonObject = {
  roles: ["technician"],
  data: {
    type: "object",
    properties: {
      n: { type: "number", default: 0 },
      log: { type: "array", items: { type: "string" }, default: [] },
      free: { type: "object", additionalProperties: true, default: { zebra: 1, ant: [2] } },
    },
  },
  events: {
    NEXT: { payload: { type: "object", properties: { word: { type: "string" } } } },
    ADD: {
      payload: { type: "object", required: ["part"], properties: { part: { type: "string" } } },
    },
    FIT: {
      item: "parts",
      payload: { type: "object", required: ["part"], properties: { part: { type: "string" } } },
    },
    PAUSE: {},
    RESUME: {},
    SWEEP: {},
    CHECK: {},
    END: {},
    TOLD: { by: [] },
  },
  effects: { notify: {} },
  messages: { hello: { en: "Hello {{ n }} {{ free }}", zh: "你好 {{ log }}" } },
  separation: [{ event: "CHECK", notBy: ["NEXT"] }],
  invariants: [{ id: "few", always: "= n < 2" }],
  items: {
    parts: {
      key: "part",
      data: { type: "object", properties: { seen: { type: "number", default: 0 } } },
      machine: {
        initial: "new",
        states: {
          new: {
            on: {
              FIT: "fitting",
              LOOK: { actions: { type: "assign", params: { seen: "= item.seen + 1" } } },
            },
            after: { PT1H: "lost" },
          },
          fitting: {
            entry: { type: "raise", params: { event: "TOLD", to: "order" } },
            invoke: { src: "fit", input: { part: "= item.id" }, onDone: "fitted", onError: "new" },
          },
          fitted: { type: "final" },
          lost: {},
        },
      },
    },
  },
  machine: {
    initial: "work",
    on: {
      ADD: { actions: { type: "open", params: { in: "parts", value: "= event" } } },
      TOLD: { actions: { type: "assign", params: { n: "= n + 1" } } },
    },
    states: {
      work: {
        type: "parallel",
        on: { PAUSE: "paused", END: "ended" },
        states: {
          left: {
            initial: "a",
            states: {
              a: {
                on: {
                  NEXT: {
                    target: "b",
                    actions: { type: "assign", params: { log: "= log + [event.word]" } },
                  },
                },
              },
              b: { after: { PT5M: "a" }, invoke: { src: "think", onDone: "a" }, on: { NEXT: "a" } },
            },
          },
          right: {
            on: {
              SWEEP: { actions: { type: "send", params: { in: "parts", event: "LOOK" } } },
              CHECK: { actions: { type: "notify", params: { message: "hello", at: "= now" } } },
            },
          },
          back: { type: "history", history: "deep" },
        },
      },
      paused: { on: { RESUME: "work.back" }, after: { P1D: "ended" } },
      ended: { type: "final" },
    },
  },
};

interface Turn {
  readonly kind: number;
  readonly who: string;
  readonly part: string;
  readonly pick: number;
  readonly seconds: number;
}

const turns = fc.array(
  fc.record<Turn>({
    kind: fc.nat(18),
    who: fc.constantFrom("ann", "bob"),
    part: fc.constantFrom("p1", "p2", "p3"),
    pick: fc.nat(7),
    seconds: fc.nat(4_000),
  }),
  { minLength: 20, maxLength: 60 },
);

const executable = executableOf(document);
/** Compiled apart: nothing that the first one remembers may matter. */
const another = executableOf(document);

test("a step twice is the same bytes: from memory, from text, by another compilation, from frozen arguments", () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(turns, (walk) => {
      const from = frozen({
        identity: { id: "o", businessKey: "WO-1", centre: null },
        data: { free: { b: 1, a: { d: 1, c: 2 } } },
        actor: { sub: "ann", role: "technician", centre: null },
      });
      const started = start(executable, from, NOW);
      expect(JSON.stringify(start(another, from, NOW))).toBe(JSON.stringify(started));
      let order = frozen(stepped(started).order);
      let at = Date.parse(NOW);
      for (const turn of walk) {
        at += turn.seconds * 1_000;
        const now = new Date(at).toISOString();
        const event = frozen(eventOf(turn, order));
        const result = frozen(step(executable, order, event, now));
        const bytes = JSON.stringify(result);
        expect(JSON.stringify(step(executable, order, event, now))).toBe(bytes);
        expect(JSON.stringify(step(executable, restored(order), event, now))).toBe(bytes);
        expect(JSON.stringify(step(another, restored(order), event, now))).toBe(bytes);
        checkChoices(order, event, now);
        reached.add(result.kind === "rejected" ? result.code : event.type);
        if (result.kind === "rejected") continue;
        for (const effect of result.effects) renderMessage(executable, effect, "en");
        order = result.order;
      }
    }),
    { numRuns: 60, seed: 7 },
  );
  // A law that is never put to the test holds always: what it has to have met.
  for (const name of [
    ...["NEXT", "ADD", "FIT", "PAUSE", "RESUME", "SWEEP", "CHECK", "END"],
    ...["timer.fired", "timer.cancelled", "job.completed", "job.failed"],
    ...[
      "event-not-enabled",
      "separation-violated",
      "order-closed",
      "payload-invalid",
      "item-exists",
    ],
    ...["item-unknown", "timer-not-due", "timer-unknown", "job-unknown", "expression-failed"],
    ...["invariant-violated", "event-unknown", "role-not-allowed"],
  ]) {
    expect(reached).toContain(name);
  }
});

function checkChoices(order: Order, { actor }: OrderEvent, now: Instant): void {
  const told = JSON.stringify(choices(executable, order, actor, now));
  expect(JSON.stringify(choices(another, restored(order), actor, now))).toBe(told);
}

const VOCABULARY = [
  "NEXT",
  "ADD",
  "FIT",
  "PAUSE",
  "RESUME",
  "SWEEP",
  "CHECK",
  "END",
  "TOLD",
  "NOPE",
];

function eventOf({ kind, who, part, pick }: Turn, { snapshot }: Order): OrderEvent {
  const actor = { sub: who, role: "technician", centre: null };
  const timer = snapshot.timers[pick % Math.max(snapshot.timers.length, 1)]?.id ?? "9.9";
  const job = snapshot.jobs[pick % Math.max(snapshot.jobs.length, 1)]?.id ?? "9.9";
  const error = { code: "failed", message: "as the walk wants it" };
  if (kind === 14) return { type: "timer.cancelled", payload: { timer }, actor };
  if (kind === 13) return { type: "timer.fired", payload: { timer }, actor: engine };
  if (kind === 12) return { type: "job.completed", payload: { job, output: {} }, actor: engine };
  if (kind === 11) return { type: "job.failed", payload: { job, error }, actor: engine };
  const drawn = VOCABULARY[kind] ?? (pick % 2 === 0 ? "ADD" : "FIT");
  // A walk that ends early meets little.
  const type = drawn === "END" && pick > 0 ? "SWEEP" : drawn;
  const word: JsonObject = pick === 0 ? {} : { word: part };
  const named: JsonObject = type === "ADD" || type === "FIT" ? { part } : {};
  const stray: JsonObject = pick === 1 ? { unknown: true } : {};
  return { type, payload: { ...(type === "NEXT" ? word : named), ...stray }, actor };
}

/** In a module's strict mode a write to what is frozen throws. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) frozen(member);
  return value;
}
