/** What a definition document compiles to: everything a step needs, resolved, checked, and immutable. */

import type { DefinitionDocument, StateMeta, Text } from "../document/document.ts";
import type { Expression } from "../evaluation.ts";
import type { CompiledExpression } from "../expression/compiler.ts";
import type { Template } from "./template.ts";
import type { PayloadSchemas } from "../schema/compile-schema.ts";
import type { Calendar } from "../time/calendar.ts";
import type { Delay } from "../time/delay.ts";
import type { Machine } from "../chart/machine.ts";

export interface Executable {
  readonly document: DefinitionDocument;
  /** Lowercase hex SHA-256 of the document's canonical form. */
  readonly digest: string;
  readonly process: string;
  readonly version: string;
  readonly roles: readonly string[];
  readonly events: ReadonlyMap<string, EventSpec>;
  readonly effects: ReadonlyMap<string, PayloadSchemas>;
  readonly jobs: ReadonlyMap<string, JobSpec>;
  readonly data: PayloadSchemas;
  readonly order: Chart;
  /** In document order. */
  readonly items: ReadonlyMap<string, ItemSpec>;
  readonly invariants: readonly CompiledInvariant[];
  readonly separation: readonly SeparationRule[];
  readonly calendars: ReadonlyMap<string, Calendar>;
}

export interface EventSpec {
  readonly type: string;
  readonly title: Text | null;
  readonly description: Text | null;
  /** The item collection that it is addressed to. */
  readonly item: string | null;
  /** Roles that may send it; null: every authenticated caller. */
  readonly by: readonly string[] | null;
  readonly payload: PayloadSchemas;
}

export interface JobSpec {
  readonly type: string;
  readonly input: PayloadSchemas;
  readonly output: PayloadSchemas;
}

export interface ItemSpec {
  readonly collection: string;
  readonly key: string;
  readonly data: PayloadSchemas;
  readonly chart: Chart;
}

/** The placeholders of a customer text in all its languages, by their source. */
export interface MessageSpec {
  readonly expressions: ReadonlyMap<string, Expression>;
}

export interface CompiledInvariant {
  readonly id: string;
  readonly pointer: string;
  readonly always: CompiledExpression;
}

export interface SeparationRule {
  readonly pointer: string;
  readonly event: string;
  readonly in: string | null;
  readonly notBy: readonly string[];
}

/** One statechart: of the order, or of the items of one collection. */
export interface Chart {
  /** Null: the order's own. */
  readonly collection: string | null;
  readonly root: ChartState;
  /** By path from the root, dots between keys; `""` is the root. In document order. */
  readonly states: ReadonlyMap<string, ChartState>;
  /** The messages that its effects name, by key. */
  readonly messages: ReadonlyMap<string, MessageSpec>;
  readonly machine: Machine;
}

export type StateKind = "atomic" | "compound" | "parallel" | "final" | "history";

export interface ChartState {
  readonly path: string;
  readonly key: string;
  readonly pointer: string;
  readonly kind: StateKind;
  readonly parent: ChartState | null;
  readonly children: readonly ChartState[];
  /** Path of the initial child; null unless compound. */
  readonly initial: string | null;
  readonly history: "shallow" | "deep" | null;
  /** Path of a history state's default target; null: the parent's initial state. */
  readonly historyTarget: string | null;
  /** By event type, XState's own (`xstate.after...`, `xstate.done...`, `xstate.error...`) included. */
  readonly on: ReadonlyMap<string, readonly Transition[]>;
  readonly always: readonly Transition[];
  readonly delays: readonly CompiledDelay[];
  readonly invokes: readonly Invocation[];
  readonly entry: readonly Action[];
  readonly exit: readonly Action[];
  readonly tags: readonly string[];
  readonly meta: StateMeta;
}

export interface Transition {
  /** JSON Pointer of the transition in the document. */
  readonly pointer: string;
  /** Paths; null: targetless. */
  readonly targets: readonly string[] | null;
  readonly guard: Guard | null;
  readonly actions: readonly Action[];
  readonly reenter: boolean;
}

export interface Guard {
  /** As written, `= ` included. */
  readonly text: string;
  readonly pointer: string;
  readonly expression: Expression;
  /** For a guard that reads the payload: those of its conjuncts that don't. One that is false decides the guard. */
  readonly beforehand: readonly Expression[];
  /** Why it refuses, in words. */
  readonly because: Text | null;
}

export interface CompiledDelay {
  /** The key of `after` as written. */
  readonly after: string;
  /** The event type by which its transitions are taken. */
  readonly event: string;
  readonly pointer: string;
  readonly delay: Delay;
  readonly expression: Expression | null;
}

export interface Invocation {
  readonly id: string;
  readonly type: string;
  readonly pointer: string;
  readonly input: Template;
  /** Types of the events that its outcome becomes. */
  readonly done: string;
  readonly error: string;
}

export type Action =
  | {
      readonly kind: "assign";
      readonly pointer: string;
      readonly fields: readonly (readonly [string, Template])[];
    }
  | {
      readonly kind: "effect";
      readonly pointer: string;
      readonly type: string;
      readonly params: Template;
    }
  | {
      readonly kind: "raise";
      readonly pointer: string;
      readonly event: string;
      readonly payload: Template | null;
      readonly to: "self" | "order";
    }
  | {
      readonly kind: "open";
      readonly pointer: string;
      readonly collection: string;
      readonly value: Template;
      readonly id: Template | null;
    }
  | {
      readonly kind: "send";
      readonly pointer: string;
      readonly collection: string;
      readonly where: Expression | null;
      readonly event: string;
      readonly payload: Template | null;
    };
