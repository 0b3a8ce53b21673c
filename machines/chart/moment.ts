/** What XState's machine and our step say to each other while a macrostep runs. */

import type { Action, CompiledDelay, Guard, Invocation } from "../compile/executable.ts";
import type { JsonObject } from "../json.ts";

/** An event inside a machine. */
export interface ChartEvent {
  readonly type: string;
  readonly payload: JsonObject;
}

/** XState's context of a chart: its data, whose it is, and the step that is under way. */
export interface ChartContext {
  /** The order's data, or the item's own. */
  readonly data: JsonObject;
  readonly item: { readonly collection: string; readonly id: string } | null;
  readonly conductor: Conductor;
  /** Set by the first selection of a macrostep: how many transitions the event itself enabled. */
  readonly selection: { count: number };
}

/** One point of a macrostep: the context and the event there, and the configuration that it runs in. */
export interface Moment {
  readonly context: ChartContext;
  readonly event: ChartEvent;
  /** In the actions of a transition, its exits and entries included: the configuration that it started from. */
  readonly inState: (path: string) => boolean;
}

/** What a chart asks for as it moves: the document's actions, and what the compiler put around them. */
export type Deed =
  | Action
  | { readonly kind: "mark"; readonly pointer: string }
  | { readonly kind: "timer.set"; readonly state: string; readonly delay: CompiledDelay }
  | { readonly kind: "timer.cancel"; readonly state: string; readonly delay: CompiledDelay }
  | { readonly kind: "job.open"; readonly state: string; readonly invocation: Invocation }
  | { readonly kind: "job.close"; readonly state: string; readonly invocation: Invocation }
  | { readonly kind: "task.begin"; readonly state: string };

/** What a deed changes in its own chart at once: the data, or its queue of raised events. */
export type DeedResult =
  | { readonly kind: "none" }
  | { readonly kind: "data"; readonly data: JsonObject }
  | { readonly kind: "raised"; readonly event: ChartEvent };

/** The step, as a chart sees it. Both throw `ExpressionFailure` or `StepFailure` to end the whole step. */
export interface Conductor {
  readonly passes: (guard: Guard, moment: Moment) => boolean;
  readonly perform: (deed: Deed, moment: Moment) => DeedResult;
}
