/** Counts what goes through a server, in the words of Prometheus; labels are bounded, whatever callers make up. */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Observation, Observe } from "../runtime/observing.ts";
import type { Backlog, Connections } from "../store/contracts/backlog.ts";
import { knownMethod, type Answered } from "./access-log.ts";
import { watchBacklog } from "./metrics-backlog.ts";
import { PROBLEMS } from "./problem.ts";

export interface MetricsPorts {
  readonly backlog: () => Promise<Backlog>;
  /** Null: there is no pool. */
  readonly connections: () => Connections | null;
  /** Milliseconds of a clock that only goes forward. */
  readonly nowMs: () => number;
}

export interface Metrics {
  readonly observe: Observe;
  /** A request has come. */
  readonly begun: () => void;
  readonly answered: (answered: Answered) => void;
  /** A request was answered before anything was made of it. */
  readonly turnedAway: (method: string) => void;
  /** An answer is a stream. @returns what to call when it has ended */
  readonly streaming: () => () => void;
  /** Everything, in Prometheus' text format. */
  readonly read: () => Promise<{ readonly text: string; readonly contentType: string }>;
}

/** Seconds. From a cached read to the longest wait for a database that is away, and a long poll. */
const REQUEST_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** A timer is promised within five seconds. */
const LAG_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 60, 600];
const DELIVERY_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15];

export function createMetrics(ports: MetricsPorts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const readBacklog = watchBacklog(registry, ports);
  return {
    observe: observing(registry),
    ...countingRequests(registry),
    read: async () => {
      await readBacklog();
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}

/** As a route: it was not looked for. */
const TURNED_AWAY = "turned-away";

function countingRequests(
  registry: Registry,
): Pick<Metrics, "begun" | "answered" | "turnedAway" | "streaming"> {
  const registers = [registry];
  const requests = new Counter({
    ...{ name: "sevenstep_http_requests_total", registers },
    help: "Requests answered, by route pattern; `unmatched`: addresses that nothing is at; `turned-away`: the server was full",
    labelNames: ["method", "route", "status"],
  });
  const durations = new Histogram({
    ...{ name: "sevenstep_http_request_duration_seconds", registers, buckets: REQUEST_BUCKETS },
    help: "Until the answer began",
    labelNames: ["method", "route"],
  });
  const inFlight = new Gauge({
    ...{ name: "sevenstep_http_requests_in_flight", registers },
    help: "Requests that are not answered yet",
  });
  const streams = new Gauge({
    ...{ name: "sevenstep_http_streams", registers },
    help: "Server-sent event streams that are open",
  });
  return {
    begun: () => inFlight.inc(),
    answered: ({ method, route, status, durationMs }) => {
      inFlight.dec();
      durations.observe({ method, route }, durationMs / 1000);
      requests.inc({ method, route, status });
    },
    turnedAway: (method) => {
      requests.inc({
        ...{ method: knownMethod(method), route: TURNED_AWAY },
        status: PROBLEMS.overloaded.status,
      });
    },
    streaming: () => {
      streams.inc();
      return () => streams.dec();
    },
  };
}

function observing(registry: Registry): Observe {
  const registers = [registry];
  const transitions = new Counter({
    ...{ name: "sevenstep_transitions_total", registers },
    help: "Transitions committed, by what moved the order",
    labelNames: ["process", "trigger"],
  });
  const refusals = new Counter({
    ...{ name: "sevenstep_refusals_total", registers },
    help: "Transitions refused, previews among them",
    labelNames: ["process", "code"],
  });
  const timers = new Histogram({
    ...{ name: "sevenstep_timer_lag_seconds", registers, buckets: LAG_BUCKETS },
    help: "Timers fired, by how long after they fell due",
  });
  const incidents = new Counter({
    ...{ name: "sevenstep_incidents_opened_total", registers },
    help: "Timers and jobs that got stuck",
    labelNames: ["process"],
  });
  const claims = new Counter({
    ...{ name: "sevenstep_jobs_claimed_total", registers },
    help: "Claims of jobs, each attempt one",
    labelNames: ["type"],
  });
  const deliveries = new Histogram({
    ...{
      name: "sevenstep_webhook_delivery_duration_seconds",
      registers,
      buckets: DELIVERY_BUCKETS,
    },
    help: "Attempts at webhook deliveries, by what they came to",
    labelNames: ["outcome"],
  });
  return (observation: Observation) => {
    switch (observation.kind) {
      case "transition":
        return transitions.inc({ process: observation.process, trigger: observation.trigger });
      case "refusal":
        return refusals.inc({ process: observation.process, code: observation.code });
      case "timer":
        return timers.observe(observation.lagMs / 1000);
      case "incident":
        return incidents.inc({ process: observation.process });
      case "job":
        return claims.inc({ type: observation.type });
      case "delivery":
        return deliveries.observe({ outcome: observation.outcome }, observation.durationMs / 1000);
    }
  };
}
