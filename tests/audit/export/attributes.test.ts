import { describe, expect, test } from "vitest";
import { attributesIn, attributesOf, widened } from "../../../src/audit/export/attributes.ts";

const TOKEN = `sealed:${"a".repeat(64)}`;
const SCHEMA = {
  type: "object",
  $defs: {
    money: {
      type: "object",
      properties: { amount: { type: "integer" }, currency: { const: "CNY" } },
    },
    loop: { $ref: "#/$defs/loop" },
    person: { type: "object", "x-personal": true, properties: { name: { type: "string" } } },
  },
  properties: {
    line: { type: "string" },
    price: { $ref: "#/$defs/money" },
    at: { type: "string", format: "date-time" },
    share: { type: ["number", "null"] },
    done: { type: "boolean" },
    level: { enum: ["low", "high"] },
    name: { type: "string", "x-personal": true },
    owner: { $ref: "#/$defs/person" },
    many: { type: "array", items: { type: "string" } },
    either: { anyOf: [{ type: "string" }, { type: "integer" }] },
    mixed: { type: ["string", "integer"] },
    loop: { $ref: "#/$defs/loop" },
    constructor: { type: "string" },
  },
} as const;

describe("an export's attributes", () => {
  const declared = attributesOf(SCHEMA);

  test("are the declared plain fields, by their paths; what is personal, a list or undecided is none", () => {
    expect([...declared].map(([name, { type }]) => `${name}: ${type}`)).toEqual([
      ...["line: string", "price.amount: integer", "price.currency: string", "at: time"],
      ...["share: float", "done: boolean", "level: string", "constructor: string"],
    ]);
  });

  test("are read from a value, an instant in one way of writing; what is not declared stays out", () => {
    const value = {
      ...{ line: "L1", price: { amount: 100, currency: "CNY" }, share: null, done: false },
      ...{ at: "2026-11-22T16:00:00+08:00", name: "Ann", owner: { name: "Ann" }, unknown: "Ann" },
    };
    expect(attributesIn(declared, value).map((each) => [each.name, each.value])).toEqual([
      ...[
        ["line", "L1"],
        ["price.amount", 100],
        ["price.currency", "CNY"],
      ],
      ...[
        ["at", "2026-11-22T08:00:00.000Z"],
        ["done", false],
      ],
    ]);
  });

  test("never hold what is sealed, whatever its schema said of it", () => {
    expect(attributesIn(declared, { line: TOKEN, level: `for ${TOKEN}` })).toEqual([]);
  });

  test("are of the narrowest type that holds what several versions declare", () => {
    expect(widened("integer", "integer")).toBe("integer");
    expect(widened("integer", "float")).toBe("float");
    expect(widened("boolean", "integer")).toBe("string");
  });
});
