/** Reads names, fields and elements. What a schema doesn't know is refused; what is absent now fails, unless `has()` asked. */

import type { ASTNode } from "@marcbachmann/cel-js";
import * as cel from "./cel-type.ts";
import type { CelType, ObjectType } from "./cel-type.ts";
import { localNamed, weightOf } from "./compiling.ts";
import type { Compiled, Compiling, Root } from "./compiling.ts";
import { Fault } from "./frame.ts";
import type { Run } from "./frame.ts";
import { refuse, textOf } from "./refusal.ts";
import { canonicalInstant, isList, isObject, kindOf } from "./value.ts";
import type { Value } from "./value.ts";

export function compileName(node: ASTNode, name: string, at: Compiling): Compiled {
  const local = localNamed(at, name);
  if (local !== undefined) {
    const { slot } = local;
    return {
      type: local.type,
      run: typedRun(local.type, (frame) => frame.locals[slot] ?? null),
      weight: 1,
    };
  }
  const root = rootNamed(node, name, at);
  if (name === "event" && root.type.kind === "object")
    for (const field of root.type.fields.keys()) at.facts.eventFields.add(field);
  return { type: root.type, run: typedRun(root.type, root.run), weight: 1 };
}

export function compileField(node: ASTNode, of: ASTNode, name: string, at: Compiling): Compiled {
  const object = compileHolder(of, name, at);
  const label = textOf(of);
  const type = fieldType(node, object.type, name, label);
  return {
    type,
    run: typedRun(type, (frame) => {
      const value = object.run(frame);
      if (isObject(value) && Object.hasOwn(value, name)) return value[name] ?? null;
      throw absent(value, name, label);
    }),
    weight: weightOf(object),
  };
}

/** `has(a.b)`: whether the field is there. `has(name)` asks the same of a data field. */
export function compileHas(node: ASTNode, argument: ASTNode, at: Compiling): Compiled {
  if (argument.op === "id" && localNamed(at, argument.args) === undefined) {
    const { has } = rootNamed(argument, argument.args, at);
    if (has !== null) return { type: cel.BOOL, run: has, weight: 1 };
  }
  if (argument.op !== ".") return refuse(node, "expected has(object.field)");
  const [of, name] = argument.args;
  const object = compileHolder(of, name, at);
  const label = textOf(of);
  fieldType(argument, object.type, name, label);
  return {
    type: cel.BOOL,
    run: (frame) => {
      const value = object.run(frame);
      if (isObject(value)) return Object.hasOwn(value, name);
      throw absent(value, name, label);
    },
    weight: weightOf(object),
  };
}

export function compileIndex(node: ASTNode, of: ASTNode, key: ASTNode, at: Compiling): Compiled {
  if (key.op === "value" && typeof key.args === "string")
    return compileField(node, of, key.args, at);
  const holder = at.inner(of, at);
  const index = at.inner(key, at);
  const type = elementType(node, holder.type, index.type, textOf(of));
  return {
    type,
    run: typedRun(type, (frame) => elementAt(holder.run(frame), index.run(frame), textOf(of))),
    weight: weightOf(holder, index),
  };
}

/** The object whose field is read; of `event`, remembers which. */
function compileHolder(of: ASTNode, name: string, at: Compiling): Compiled {
  if (of.op !== "id" || of.args !== "event" || localNamed(at, "event")) return at.inner(of, at);
  const root = rootNamed(of, "event", at);
  at.facts.eventFields.add(name);
  return { type: root.type, run: root.run, weight: 1 };
}

function rootNamed(node: ASTNode, name: string, at: Compiling): Root {
  const root = at.names.roots.get(name);
  if (root === undefined) {
    const why = at.names.unavailable.get(name);
    const known = [...at.names.roots.keys()].join(", ");
    return refuse(node, why ?? `there is no ${name}; the names that can be read here are ${known}`);
  }
  at.facts.reads.add(name);
  return root;
}

function fieldType(node: ASTNode, of: CelType, name: string, label: string): CelType {
  const type = cel.present(of);
  if (type.kind === "dyn") return cel.DYN;
  if (type.kind === "object") return type.fields.get(name) ?? restType(node, type, name, label);
  if (type.kind === "sealed") return refuseSealed(node, label);
  const help =
    type.kind === "list" ? "; take an element, such as [0], or use map(), exists(), all()" : "";
  return refuse(node, `${label} is ${cel.typeName(of)} and has no field ${name}${help}`);
}

function restType(node: ASTNode, type: ObjectType, name: string, label: string): CelType {
  if (type.rest !== null) return type.rest;
  const known = [...type.fields.keys()];
  const has = known.length > 0 ? `it has ${known.join(", ")}` : "it has none";
  return refuse(node, `${label} has no field ${name}; ${has}`);
}

function elementType(node: ASTNode, of: CelType, key: CelType, label: string): CelType {
  const type = cel.present(of);
  const { kind } = cel.present(key);
  if (type.kind === "dyn") return cel.DYN;
  if (type.kind === "sealed") return refuseSealed(node, label);
  if (type.kind === "list" && (kind === "double" || kind === "dyn")) return type.of;
  if (type.kind === "object" && (kind === "string" || kind === "dyn"))
    return [...type.fields.values()].reduce((a, b) => cel.join(a, b), type.rest ?? cel.NEVER);
  const takes = type.kind === "list" ? "a number" : type.kind === "object" ? "a text" : "nothing";
  return refuse(
    node,
    `expected ${takes} in [] after ${label}, which is ${cel.typeName(of)}; found ${cel.typeName(key)}`,
  );
}

export function refuseSealed(node: ASTNode, label: string): never {
  return refuse(
    node,
    `${label} is personal (x-personal): expressions see only its seal, which can be copied or asked for with has()`,
  );
}

function elementAt(holder: Value, key: Value, label: string): Value {
  if (isList(holder) && typeof key === "number") {
    const item = holder[key];
    if (item !== undefined) return item;
    throw new Fault(`${label} has ${holder.length} elements, none at ${key}`);
  }
  if (isObject(holder) && typeof key === "string" && Object.hasOwn(holder, key))
    return holder[key] ?? null;
  throw absent(holder, typeof key === "string" ? key : kindOf(key), label);
}

/** Where the type says timestamp, the value is one in canonical form: schemas let RFC 3339 be written in many ways. */
function typedRun(type: CelType, run: Run): Run {
  if (type.kind === "timestamp") return (frame) => canonicalInstant(run(frame));
  if (type.kind !== "nullable" || type.of.kind !== "timestamp") return run;
  return (frame) => {
    const value = run(frame);
    return value === null ? null : canonicalInstant(value);
  };
}

function absent(holder: Value, name: string, label: string): Fault {
  if (!isObject(holder)) return new Fault(`${label} is ${kindOf(holder)} and has no field ${name}`);
  return new Fault(`${label} has no field ${name} now; ask with has(${label}.${name}) first`);
}
