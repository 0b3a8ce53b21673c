/**
 * The static types of expressions: structural, because JSON is. Two objects with the same fields are the same thing,
 * whether they come from a schema or from a literal in the expression; that is what list updates in place need.
 */

export type CelType =
  | {
      /** `never` is the element of an empty list literal; `sealed` a personal value, which can only be copied. */
      readonly kind:
        | "dyn"
        | "never"
        | "null"
        | "bool"
        | "double"
        | "timestamp"
        | "duration"
        | "sealed";
    }
  | StringType
  | { readonly kind: "list"; readonly of: CelType }
  | ObjectType
  | { readonly kind: "nullable"; readonly of: CelType };

export type Kind = CelType["kind"];

export interface StringType {
  readonly kind: "string";
  /** All values that it can have, when its schema enumerates them or it is a literal. */
  readonly values?: readonly string[];
}

export interface ObjectType {
  readonly kind: "object";
  readonly fields: ReadonlyMap<string, CelType>;
  /** Type of fields that are not named; null: there are none. A free map has no named fields and a `rest`. */
  readonly rest: CelType | null;
}

export const DYN: CelType = { kind: "dyn" };
export const NEVER: CelType = { kind: "never" };
export const NULL: CelType = { kind: "null" };
export const BOOL: CelType = { kind: "bool" };
export const DOUBLE: CelType = { kind: "double" };
export const STRING: StringType = { kind: "string" };
export const TIMESTAMP: CelType = { kind: "timestamp" };
export const DURATION: CelType = { kind: "duration" };
export const SEALED: CelType = { kind: "sealed" };

export function listOf(of: CelType): CelType {
  return { kind: "list", of };
}

export function objectOf(fields: Iterable<readonly [string, CelType]>): ObjectType {
  return { kind: "object", fields: new Map(fields), rest: null };
}

export function nullable(of: CelType): CelType {
  return ["nullable", "null", "dyn", "sealed"].includes(of.kind) ? of : { kind: "nullable", of };
}

/** The type without null: an operator that meets null fails when it runs, so that a guard can come before it. */
export function present(type: CelType): CelType {
  if (type.kind === "nullable") return type.of;
  return type.kind === "never" ? DYN : type;
}

/** The name in CEL; a free map and an object with named fields are both `map`. */
export function typeName(type: CelType): string {
  if (type.kind === "list") return `list<${typeName(type.of)}>`;
  if (type.kind === "nullable") return `${typeName(type.of)} or null`;
  if (type.kind === "never") return "dyn";
  return type.kind === "object" ? "map" : type.kind;
}

/** The least type that holds both; a value that may be personal is personal. */
export function join(a: CelType, b: CelType, depth = 0): CelType {
  if (a === b || b.kind === "never") return a;
  if (a.kind === "never") return b;
  if (a.kind === "sealed" || b.kind === "sealed") return SEALED;
  if (a.kind === "dyn" || b.kind === "dyn") return DYN;
  if (a.kind === "null" || b.kind === "null") return nullable(a.kind === "null" ? b : a);
  if (a.kind === "nullable" || b.kind === "nullable")
    return nullable(join(present(a), present(b), depth));
  if (a.kind === "string" && b.kind === "string") return joinStrings(a, b);
  if (depth >= MAX_JOIN_DEPTH) return DYN;
  if (a.kind === "list" && b.kind === "list") return listOf(join(a.of, b.of, depth + 1));
  if (a.kind === "object" && b.kind === "object") return joinObjects(a, b, depth);
  return a.kind === b.kind ? a : DYN;
}

/** Whether values of the two types can ever be equal; what is not known is possible. */
export function canEqual(a: CelType, b: CelType): boolean {
  if ([a.kind, b.kind].some((kind) => kind === "dyn" || kind === "never")) return true;
  if (a.kind === "nullable" || b.kind === "nullable") {
    const bothNull = isNullable(a) && isNullable(b);
    return bothNull || (a.kind !== "null" && b.kind !== "null" && canEqual(present(a), present(b)));
  }
  if (a.kind === "string" && b.kind === "string")
    return !a.values || !b.values || a.values.some((value) => b.values?.includes(value));
  if (a.kind === "list" && b.kind === "list") return canEqual(a.of, b.of);
  return a.kind === b.kind;
}

function isNullable(type: CelType): boolean {
  return type.kind === "null" || type.kind === "nullable";
}

function joinStrings(a: StringType, b: StringType): CelType {
  if (!a.values || !b.values) return STRING;
  const values = [...new Set([...a.values, ...b.values])];
  return values.length > MAX_VALUES ? STRING : { kind: "string", values };
}

/** A field that only one of the two has is known too: at run time it may be absent, like an optional one. */
function joinObjects(a: ObjectType, b: ObjectType, depth: number): CelType {
  const fields = new Map(a.fields);
  for (const [name, type] of b.fields) {
    const other = fields.get(name);
    fields.set(name, other ? join(other, type, depth + 1) : type);
  }
  const rest = a.rest && b.rest ? join(a.rest, b.rest, depth + 1) : (a.rest ?? b.rest);
  return { kind: "object", fields, rest };
}

/** Deeper differences are not followed: types share their parts, and joins of them would multiply. */
const MAX_JOIN_DEPTH = 4;
const MAX_VALUES = 100;
