/** A small document and an order of it, for the tests of expressions. */

import type { CelType } from "../../../machines/expression/cel-type.ts";
import type { CompiledExpression } from "../../../machines/expression/compiler.ts";
import { expressionCompiler } from "../../../machines/expression/create-compiler.ts";
import type { Scope } from "../../../machines/evaluation.ts";
import type { Json, JsonSchema } from "../../../machines/json.ts";

const finding: JsonSchema = {
  type: "object",
  properties: { id: { type: "string" }, colour: { enum: ["green", "yellow", "red"] } },
};

const data: JsonSchema = {
  type: "object",
  properties: {
    rework: { type: "integer" },
    repairedBy: { type: "array", items: { type: "string" } },
    findings: { type: "array", items: finding },
    slot: { type: "object", properties: { start: { type: "string", format: "date-time" } } },
    concern: { type: "string", "x-personal": true },
    names: { type: "array", items: { type: "string", "x-personal": true } },
    note: { type: ["string", "null"] },
    pick: { type: "integer" },
    price: {
      type: "object",
      properties: { amount: { type: "integer" }, currency: { type: "string" } },
    },
    free: { type: "object", additionalProperties: true },
    absent: { type: "string" },
  },
};

const payload: JsonSchema = {
  type: "object",
  properties: {
    score: { type: "integer" },
    comment: { type: "string" },
    finding,
    decision: { enum: ["approved", "declined"] },
  },
};

const compiler = expressionCompiler({
  data,
  collections: {
    addOns: {
      data: { type: "object", properties: { reason: { type: "string" } } },
      states: ["proposed", "approved"],
    },
  },
});

const addOn = { id: "L1", state: "approved", tags: ["billable"], reason: "worn" };

export const scope: Scope = {
  data: {
    rework: 1,
    repairedBy: ["tech-1"],
    findings: [
      { id: "f1", colour: "red" },
      { id: "f2", colour: "green" },
    ],
    slot: { start: "2026-11-23T10:00:00+08:00" },
    concern: `sealed:${"0".repeat(64)}`,
    names: [],
    note: null,
    pick: 1,
    price: { amount: 12_800, currency: "CNY" },
    free: { deep: { list: [1, "two", null] } },
  },
  event: { score: 5, finding: { id: "f3" }, decision: "approved" },
  actor: { sub: "tech-2", role: "technician", centre: null },
  now: "2026-11-23T01:00:00.000Z",
  order: { id: "o-1", businessKey: "WO-1", centre: null },
  item: addOn,
  items: () => [addOn],
  inState: (path) => path === "quality.peerCheck",
};

export interface Place {
  readonly event?: boolean;
  readonly item?: boolean;
}

export function compiled(source: string, place: Place = {}): CompiledExpression {
  const result = at(place).compile(source);
  if ("error" in result) throw new Error(`${source}: ${result.error.message}`);
  return result.expression;
}

export function evaluated(source: string, over: Partial<Scope> = {}): Json {
  return compiled(source, { item: true }).evaluate({ ...scope, ...over });
}

/** `line:column message` of the refusal. */
export function refusal(source: string, place: Place = {}): string {
  const result = at(place).compile(source);
  if ("expression" in result) throw new Error(`${source} compiles`);
  const { line, column, message } = result.error;
  return `${line}:${column} ${message}`;
}

export function kind(source: string): CelType["kind"] {
  return compiled(source).resultType.kind;
}

function at({ event = true, item = false }: Place) {
  return compiler.at({ event: event ? payload : null, item: item ? "addOns" : null });
}
