/** The contract between a definition's expressions and the statechart that they belong to. */

import type { Json, JsonObject } from "./json.ts";
import type { Actor, Instant, OrderIdentity } from "./order.ts";

/** What an item looks like to an expression. */
export interface ItemView extends JsonObject {
  readonly id: string;
  /** Innermost active state's path, dots between keys. */
  readonly state: string;
  readonly tags: readonly string[];
}

/** All that an expression may see, at one point of one step. Collections are built only when asked for. */
export interface Scope {
  readonly data: JsonObject;
  readonly event: JsonObject;
  readonly actor: Actor;
  readonly now: Instant;
  readonly order: OrderIdentity;
  readonly item: ItemView | null;
  readonly items: (collection: string) => readonly ItemView[];
  readonly inState: (path: string) => boolean;
}

/** A compiled expression: no clock, no random, no I/O, bounded cost, the same result everywhere. */
export interface Expression {
  /** The text without the leading `= `. */
  readonly source: string;
  /** CEL type name of the result, `dyn` where it can't be known. */
  readonly type: string;
  /** Root names that it reads: data fields, collections, `event`, `actor`, `now`, `order`, `item`, `inState`. */
  readonly reads: ReadonlySet<string>;
  /**
   * @returns plain JSON: doubles as numbers, instants as RFC 3339 strings, durations as ISO 8601 strings
   * @throws {ExpressionFailure} when the expression fails, is over its budget, or gives what JSON can't hold
   */
  readonly evaluate: (scope: Scope) => Json;
}

export class ExpressionFailure extends Error {
  override readonly name = "ExpressionFailure";
  readonly source: string;
  constructor(source: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.source = source;
  }
}
