/** What an operator may watch: a port, so that the runtime knows nothing of who counts or traces. */

/** Names are of definitions that exist, and codes of closed sets: what is counted by them stays bounded. */
export type Observation =
  | { readonly kind: "transition"; readonly process: string; readonly trigger: Trigger }
  | { readonly kind: "refusal"; readonly process: string; readonly code: string }
  | { readonly kind: "timer"; readonly lagMs: number }
  | { readonly kind: "incident"; readonly process: string }
  | { readonly kind: "job"; readonly type: string }
  | { readonly kind: "delivery"; readonly outcome: DeliveryOutcome; readonly durationMs: number };

/** What moved the order. */
export type Trigger = "creation" | "event" | "timer" | "job";
/** `lost`: the lease had ended; another server tries it too. */
export type DeliveryOutcome = "delivered" | "retry" | "dead" | "lost";

/** Must not throw, and must not take long. */
export type Observe = (observation: Observation) => void;

/** Ids, names of definitions and codes only. */
export interface Attributes {
  readonly [name: string]: string | number;
}

/** Does the work, and may note how long it took and what became of it: nobody is asked for words that nobody reads. */
export type Trace = <T>(
  name: string,
  attributes: Attributes,
  work: (note: (more: () => Attributes) => void) => Promise<T>,
) => Promise<T>;

export const untraced: Trace = (_name, _attributes, work) => work(() => {});
