/** What a load generator is asked to do, and what it answers: plain data, because it works in a process of its own. */

/** Where requests go and what they say. Bytes are ASCII, so that a length is a length. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** `{id}` is replaced by an order's id, `{key}` by a text that no other request bears. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  /** The same placeholders; of several, each request says the next. */
  readonly body: string | readonly string[];
}

interface PlanBase {
  readonly target: Target;
  /** One request of an order is under way at a time. */
  readonly ids: readonly string[];
  /** How long is measured. */
  readonly seconds: number;
  /** How long it runs before anything counts. */
  readonly warmUpSeconds: number;
  /** A file to which every acknowledgement is written: `id key etag`, a line each. */
  readonly acknowledgements?: string;
}

/** Each client sends its next request when the last one is answered; after a refusal, when it was told to come again. */
export interface ClosedPlan extends PlanBase {
  readonly kind: "closed";
  readonly clients: number;
}

/**
 * Requests are due at a constant rate, whatever becomes of those before. Latency counts from the instant at which a request
 * was due: a server that stalls is charged for all who would have come meanwhile (no coordinated omission).
 */
export interface OpenPlan extends PlanBase {
  readonly kind: "open";
  readonly perSecond: number;
  /** Connections at most; requests beyond them wait in the generator, and their clocks run. */
  readonly connections: number;
}

export type Plan = ClosedPlan | OpenPlan;

export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Closed: of the answers within the measured time. Open: of the requests that were due within it, whenever answered. */
export interface LoadResult {
  /** Answers 2xx that came within the measured time, of either. */
  readonly perSecond: number;
  readonly accepted: number;
  /** Answers by status; `0`: the connection broke. */
  readonly statuses: { readonly [status: string]: number };
  /** Due, and never sent, because no connection came free until the end. */
  readonly unsent: number;
  /** Of those not accepted, how many said when to come again. */
  readonly withRetryAfter: number;
  /** Milliseconds, of what was accepted. */
  readonly latency: Latency;
  /** Milliseconds, of what was refused. */
  readonly refusedLatency: Latency;
  /** Of the generator's own process: it shares the machine with the server. */
  readonly cpuUsPerRequest: number;
}
