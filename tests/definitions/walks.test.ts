/**
 * Walks that leave the stories of `service-visit` at any step and go on at random: whatever people, workers and the clock
 * do, and in whatever order, the visit is never stuck, and every refusal is one that a caller can understand.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Json, JsonObject } from "../../machines/json.ts";
import type { Actor, Order, RejectionCode } from "../../machines/order.ts";
import { choices } from "../../machines/step/choices.ts";
import { createSandbox, type Sandbox, type Turn } from "../../src/design/sandbox.ts";
import { createVault } from "../../src/design/vault.ts";
import { later, playStep, utc } from "./play-step.ts";
import { readDefinition } from "./read-definitions.ts";

const { executable, scenarios } = readDefinition("service-visit", "1.0.0");
const file = scenarios?.file;
if (executable === null || !file) throw new Error("service-visit can't be read");

/** What a caller may be told; anything else would be a mistake of the definition's. */
const UNDERSTANDABLE: ReadonlySet<RejectionCode> = new Set([
  "event-not-enabled",
  "event-unknown",
  "separation-violated",
  "role-not-allowed",
  "invariant-violated",
  "item-exists",
  "item-unknown",
  "order-closed",
]);

const actors: readonly Actor[] = Object.entries(file.actors).map(([sub, role]) => ({
  sub,
  role: [role].flat()[0] ?? "",
  centre: "sh-01",
}));
const payloads = new Map<string, JsonObject[]>();
for (const step of file.scenarios.flatMap(({ steps }) => steps)) {
  if (!("event" in step) || step.then?.refused === "payload-invalid") continue;
  payloads.set(step.event, [...(payloads.get(step.event) ?? []), step.payload ?? {}]);
}

const move = fc.record({
  kind: fc.constantFrom("enabled", "enabled", "enabled", "any", "wait"),
  actor: fc.constantFrom(...actors),
  pick: fc.nat(10_000),
  waitS: fc.constantFrom(20, 60, 16 * 60, 45 * 60, 3 * 3600, 26 * 3600, 8 * 86_400),
});
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

const stories = new Map(
  file.scenarios.filter(({ steps }) => steps.length > 20).map((story) => [story.id, story]),
);
const walk = fc.record({
  story: fc.constantFrom(...stories.keys()),
  /** Where the story is left, as a share of its length. */
  until: fc.double({ min: 0, max: 0.95, noNaN: true }),
  moves: fc.array(move, { minLength: 10, maxLength: 40, size: "max" }),
});

describe("a random walk out of a story of service-visit", () => {
  test("is never stuck, and is refused only in ways that a caller understands", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(walk, ({ story, until, moves }) => {
        const { given, steps } = stories.get(story) ?? none();
        const sandbox = createSandbox(executable, createVault("walk"), utc(given.at), {
          executable,
          saw: (before) => seen.add(topState(before)),
        });
        sandbox.start(
          { id: "walk", businessKey: null, centre: "sh-01" },
          given.data ?? {},
          who(given.by),
        );
        for (const step of steps.slice(0, Math.floor(until * steps.length)))
          playStep(sandbox, step, who);
        for (const [index, each] of moves.entries()) {
          const { breaches, rejected } = moved(sandbox, each, index);
          expect(breaches).toEqual([]);
          if (rejected !== null) expect(UNDERSTANDABLE).toContain(rejected.code);
          expect(sandbox.stuck()).toBe(false);
        }
      }),
      { numRuns: 250 },
    );
    // A law about walks that get nowhere would say nothing.
    const steps = ["appointment", "reception", "diagnosis", "repair", "quality", "delivery"];
    expect([...seen]).toEqual(expect.arrayContaining([...steps, "followUp", "closing"]));
  });
});

function moved(sandbox: Sandbox, { kind, actor, pick, waitS }: Move, index: number): Turn {
  const order = sandbox.order();
  if (order === null || executable === null) throw new Error("The order did not start.");
  if (kind === "wait") return sandbox.moveTo(later(sandbox, waitS));
  const [job] = order.snapshot.jobs;
  if (job !== undefined) {
    const error = { code: pick % 2 === 0 ? "slot-taken" : "unavailable", message: "" };
    return sandbox.endJob({
      type: job.type,
      item: null,
      end: pick % 3 === 0 ? { error } : { output: {} },
    });
  }
  const able: readonly { readonly event: string; readonly item?: string }[] =
    kind === "enabled"
      ? choices(executable, order, actor, sandbox.now()).enabled
      : [...payloads.keys()].map((event) => ({ event }));
  const chosen = able[pick % Math.max(1, able.length)];
  if (chosen === undefined) return sandbox.moveTo(sandbox.now());
  const told = payloads.get(chosen.event) ?? [{}];
  const payload = fitted(order, told[pick % told.length] ?? {}, chosen.item, sandbox, index);
  return sandbox.send(chosen.event, payload, actor);
}

/** A payload of the stories, made about this order: its items, its links, times that lie ahead. */
function fitted(
  { snapshot }: Order,
  payload: JsonObject,
  id: string | undefined,
  sandbox: Sandbox,
  index: number,
): JsonObject {
  const line = snapshot.items["addOns"]?.find((item) => item.id === id)?.data;
  const [start, end] = [later(sandbox, 30 * 3600), later(sandbox, 32 * 3600)];
  const changes: { readonly [field: string]: Json } = {
    line: id ?? `L${index}`,
    defect: id ?? `D${index}`,
    link: line?.["link"] || `link-${index}`,
    estimateVersion: line?.["estimateVersion"] ?? 1,
    promisedAt: later(sandbox, 3 * 3600),
    nextNewsAt: later(sandbox, 1800),
    slot: { bay: "bay-1", technician: "li", start, end },
  };
  return Object.fromEntries(
    Object.entries(payload).map(([field, value]) => [field, changes[field] ?? value]),
  );
}

function topState(order: Order | null): string {
  const value = order?.snapshot.value ?? "";
  return typeof value === "string" ? value : (Object.keys(value)[0] ?? "");
}

function who(sub: string): Actor {
  const found = actors.find((actor) => actor.sub === sub);
  if (found === undefined) throw new Error(`The stories have no ${sub}.`);
  return found;
}

function none(): never {
  throw new Error("There is no such story.");
}
