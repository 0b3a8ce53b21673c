import { describe, expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";
import type {
  CalendarDeclaration,
  DefinitionDocument,
  StateConfig,
} from "../../../machines/document/document.ts";
import type { Json, JsonObject } from "../../../machines/json.ts";
import type { calendar } from "../../../machines/document/schema-calendar.ts";
import type { state } from "../../../machines/document/schema-state.ts";
import { definition } from "../../../machines/document/schema.ts";

/** `readonly` all the way down: zod's types are mutable, the contract's are not. Its index signatures hold undefined. */
type Frozen<T> = [Json] extends [T]
  ? T
  : Same<T, JsonObject> extends true
    ? T
    : T extends (infer Element)[]
      ? readonly Frozen<Element>[]
      : T extends object
        ? { readonly [Key in keyof T]: Frozen<T[Key]> | (string extends Key ? undefined : never) }
        : T;
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Parsed = z.output<typeof definition>;
type Given = Frozen<z.input<typeof definition>>;

describe("the schema and the types of document.ts", () => {
  test("agree: what the schema accepts is a DefinitionDocument", () => {
    expectTypeOf<Parsed>().toExtend<DefinitionDocument>();
    expectTypeOf<z.output<typeof state>>().toExtend<StateConfig>();
    expectTypeOf<z.output<typeof calendar>>().toExtend<CalendarDeclaration>();
  });

  test("agree: a DefinitionDocument may be given to the schema", () => {
    expectTypeOf<DefinitionDocument>().toExtend<Given>();
    expectTypeOf<CalendarDeclaration>().toExtend<Frozen<z.input<typeof calendar>>>();
  });

  test("agree: they have the same keys everywhere", () => {
    expectTypeOf<keyof Parsed>().toEqualTypeOf<keyof DefinitionDocument>();
    expectTypeOf<keyof z.output<typeof state>>().toEqualTypeOf<keyof StateConfig>();
    expectTypeOf<keyof z.output<typeof calendar>>().toEqualTypeOf<keyof CalendarDeclaration>();
    expectTypeOf<KeysOf<"events">>().toEqualTypeOf<DeclaredKeysOf<"events">>();
    expectTypeOf<KeysOf<"items">>().toEqualTypeOf<DeclaredKeysOf<"items">>();
    expectTypeOf<KeysOf<"effects">>().toEqualTypeOf<DeclaredKeysOf<"effects">>();
    expectTypeOf<KeysOf<"jobs">>().toEqualTypeOf<DeclaredKeysOf<"jobs">>();
  });
});

type Maps = "events" | "items" | "effects" | "jobs";
type KeysOf<Map extends Maps> = keyof NonNullable<Parsed[Map]>[string];
type DeclaredKeysOf<Map extends Maps> = keyof NonNullable<DefinitionDocument[Map]>[string];

describe("definition", () => {
  const whole = {
    process: "service-visit",
    version: "1.2.0-rc.1+build.5",
    title: { en: "Visit", "zh-Hans": "到店" },
    description: "Seven steps",
    changes: { en: "First" },
    roles: ["advisor", "technician"],
    data: { type: "object", properties: { plate: { type: "string", "x-personal": true } } },
    events: {
      FINISH: { title: "Finish", description: "Done", by: ["technician"], payload: true },
      DECIDE: { item: "addOns" },
    },
    items: {
      addOns: {
        title: "Lines",
        key: "line",
        data: {},
        machine: { initial: "a", states: { a: {} } },
      },
    },
    effects: { notify: { title: "Notify", payload: {} } },
    jobs: {
      "reserve-slot": { title: "Reserve", input: {}, output: {}, retries: 5, backoff: "PT1S" },
      wash: { by: ["technician"] },
    },
    messages: { "consent-needed": { en: "{{ plate }}" }, plain: "Ready" },
    invariants: [{ id: "i", title: "t", always: "= true" }],
    separation: [{ event: "FINISH", in: "quality.peerCheck", notBy: ["DECIDE"] }],
    calendars: {
      default: {
        centres: ["sh-01"],
        timeZone: "Asia/Shanghai",
        hours: { monday: ["08:30-12:00", "13:00-24:00"] },
        holidays: ["2026-10-01"],
        makeUpDays: ["2026-10-10", { date: "2026-10-11", hours: ["09:00-12:00"] }],
        validTo: "2026-12-31",
      },
    },
    machine: {
      id: "visit",
      type: "parallel",
      initial: "a",
      states: {
        a: {
          type: "compound",
          initial: "x",
          states: { x: { type: "final" }, h: { type: "history", history: "deep", target: "x" } },
          on: { FINISH: "b", DECIDE: [{ target: ["#visit", "b"], guard: "= event.ok" }, "b"] },
          always: {
            target: "b",
            guard: "= true",
            reenter: true,
            description: "d",
            meta: { because: "no", mine: 1 },
          },
          after: { PT15M: "b", "working PT2H": { actions: "notify" }, "= slot.start": [] },
          onDone: "b",
          entry: ["notify", { type: "assign", params: { a: { b: ["= 1"] } } }],
          exit: { type: "raise", params: { event: "FINISH" } },
          invoke: {
            id: "i",
            src: "reserve-slot",
            input: { slot: "= slot" },
            onDone: "b",
            onError: ["b"],
          },
          tags: ["busy"],
          meta: {
            step: "quality",
            title: { en: "A" },
            element: "userTask",
            role: "technician",
            value: "waste",
            outcome: "ok",
            mine: [1],
          },
          description: "d",
        },
        b: { tags: "idle", invoke: [{ src: "reserve-slot" }], history: true },
      },
    },
  };

  test("accepts every member that the contract knows", () => {
    expect(definition.safeParse(whole).error?.issues).toBeUndefined();
  });

  test("needs a process, a version and a machine, and no more", () => {
    expect(definition.safeParse({ process: "p", version: "1.0.0", machine: {} }).success).toBe(
      true,
    );
    expect(definition.safeParse({ version: "1.0.0", machine: {} }).success).toBe(false);
    expect(definition.safeParse({ process: "p", machine: {} }).success).toBe(false);
    expect(definition.safeParse({ process: "p", version: "1.0.0" }).success).toBe(false);
  });
});
