/** Compiles a syntax tree: types and closures are made together, so that what is checked is what runs. */

import type { ASTNode } from "@marcbachmann/cel-js";
import { compileField, compileIndex, compileName } from "./access.ts";
import * as cel from "./cel-type.ts";
import type { CelType } from "./cel-type.ts";
import { weightOf } from "./compiling.ts";
import type { Compiled, Compiling } from "./compiling.ts";
import { Fault } from "./frame.ts";
import { compileCall, compileMethod } from "./calls.ts";
import { compileBinary, compileMinus } from "./operators.ts";
import { compileLogic, compileNot, requireBool } from "./logic.ts";
import { refuse } from "./refusal.ts";
import type { Value } from "./value.ts";

/** @throws {Refusal} */
export function compileNode(node: ASTNode, at: Compiling): Compiled {
  switch (node.op) {
    case "value":
      return compileLiteral(node, node.args);
    case "id":
      return compileName(node, node.args, at);
    case ".":
      return compileField(node, node.args[0], node.args[1], at);
    case "[]":
      return compileIndex(node, node.args[0], node.args[1], at);
    case "call":
      return compileCall(node, node.args[0], node.args[1], at);
    case "rcall":
      return compileMethod(node, node.args[0], node.args[1], node.args[2], at);
    case "list":
      return compileList(node.args, at);
    case "map":
      return compileMap(node.args, at);
    case "?:":
      return compileTernary(node.args, at);
    case "||":
    case "&&":
      return compileLogic(node.op, node.args, at);
    case "!_":
      return compileNot(node.args, at);
    case "-_":
      return compileMinus(node, node.args, at);
    case ".?":
    case "[?]":
      return refuse(
        node,
        "expected a field without a question mark; ask with has() whether it is there",
      );
    default:
      return compileBinary(node, node.op, node.args, at);
  }
}

function compileLiteral(node: ASTNode, literal: unknown): Compiled {
  switch (typeof literal) {
    case "string":
      return known({ kind: "string", values: [literal] }, literal);
    case "number":
      return known(cel.DOUBLE, literal);
    case "boolean":
      return known(cel.BOOL, literal);
    case "bigint": {
      const number = Number(literal);
      if (Number.isSafeInteger(number)) return known(cel.DOUBLE, number);
      return refuse(node, "expected a whole number of at most 2^53 - 1, which JSON keeps exactly");
    }
    default:
      if (literal === null) return known(cel.NULL, null);
      return refuse(node, "expected a JSON value; bytes and unsigned numbers are none");
  }
}

function known(type: CelType, value: Value): Compiled {
  return { type, run: () => value, weight: 1 };
}

function compileList(nodes: readonly ASTNode[], at: Compiling): Compiled {
  const items = nodes.map((node) => at.inner(node, at));
  const runs = items.map((item) => item.run);
  return {
    type: cel.listOf(items.reduce((type, item) => cel.join(type, item.type), cel.NEVER)),
    run: (frame) => runs.map((run) => run(frame)),
    weight: weightOf(...items),
  };
}

/** With literal keys it is an object whose fields are known; with computed ones a free map. */
function compileMap(entries: readonly (readonly [ASTNode, ASTNode])[], at: Compiling): Compiled {
  const keys = entries.map(([node]) => requireKey(node, at.inner(node, at)));
  const values = entries.map(([, node]) => at.inner(node, at));
  const fields = new Map<string, CelType>();
  let rest: CelType | null = null;
  for (const [index, [node]] of entries.entries()) {
    const type = values[index]?.type ?? cel.DYN;
    if (node.op === "value" && typeof node.args === "string") {
      if (fields.has(node.args))
        refuse(node, `expected every key once, found "${node.args}" twice`);
      fields.set(node.args, type);
    } else rest = rest === null ? type : cel.join(rest, type);
  }
  return {
    type: { kind: "object", fields, rest },
    run: (frame) => {
      const made: { [key: string]: Value } = {};
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index]?.run(frame);
        if (typeof key !== "string" || key === "__proto__")
          throw new Fault("a key of a map is no text that a JSON object can have");
        made[key] = values[index]?.run(frame) ?? null;
      }
      return made;
    },
    weight: weightOf(...keys, ...values),
  };
}

function requireKey(node: ASTNode, key: Compiled): Compiled {
  const { kind } = cel.present(key.type);
  const isProto = node.op === "value" && node.args === "__proto__";
  if ((kind === "string" || kind === "dyn") && !isProto) return key;
  return refuse(node, `expected a text as key, as in JSON, found ${isProto ? "__proto__" : kind}`);
}

function compileTernary(nodes: readonly [ASTNode, ASTNode, ASTNode], at: Compiling): Compiled {
  const condition = at.inner(nodes[0], at);
  requireBool(nodes[0], condition);
  const yes = at.inner(nodes[1], at);
  const no = at.inner(nodes[2], at);
  const { run: ask } = condition;
  return {
    type: cel.join(yes.type, no.type),
    run: (frame) => {
      const answer = ask(frame);
      if (answer === true) return yes.run(frame);
      if (answer === false) return no.run(frame);
      throw new Fault("the condition before ? is neither true nor false");
    },
    weight: weightOf(condition, yes, no),
  };
}
