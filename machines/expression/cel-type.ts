/**
 * The static types of expressions: structural, because JSON is. Two objects with the same fields are the same thing,
 * whether they come from a schema or from a literal in the expression; that is what list updates in place need.
 */

export type CelType =
  | { readonly kind: "dyn" | "null" | "bool" | "double" | "timestamp" | "duration" | "sealed" }
  | StringType
  | { readonly kind: "list"; readonly of: CelType }
  | ObjectType
  | { readonly kind: "nullable"; readonly of: CelType };

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
