/** Gauges of what waits in the database, read at most every five seconds, whoever scrapes and however often. */

import { Gauge, type Registry } from "prom-client";
import type { Backlog } from "../store/contracts/backlog.ts";
import type { MetricsPorts } from "./metrics.ts";

const KEPT_MS = 5_000;

const STATES = ["open", "idle", "waiting"] as const;

const WAITING = {
  openTasks: ["tasks", "Open tasks"],
  openIncidents: ["incidents", "Open incidents"],
  dueTimers: ["timers", "Timers that are due"],
  feedPending: ["feed", "Entries without their place in the feed"],
  logPending: ["log", "Entries that no checkpoint of the log covers yet"],
  deliveriesPending: ["deliveries", "Webhook deliveries that wait"],
  deliveriesDead: ["deliveries_dead", "Webhook deliveries that were given up"],
  messagesKept: ["messages", "Messages that no order waits for yet"],
} as const satisfies {
  readonly [count in Exclude<keyof Backlog, "openJobs" | "timersBehindMs">]: readonly [
    what: string,
    help: string,
  ];
};

/** @returns brings the gauges up to date; while the database is away they are absent rather than wrong */
export function watchBacklog(registry: Registry, ports: MetricsPorts): () => Promise<void> {
  const registers = [registry];
  const waiting = new Gauge({
    ...{ name: "sevenstep_waiting", registers, labelNames: ["what"] },
    help: `What waits in the database, counted to 10,000: ${Object.values(WAITING)
      .map(([what, help]) => `${what} (${help})`)
      .join(", ")}`,
  });
  const jobs = new Gauge({
    ...{ name: "sevenstep_jobs_open", registers, labelNames: ["type"] },
    help: "Open jobs, counted to 10,000",
  });
  const behind = new Gauge({
    ...{ name: "sevenstep_timers_behind_seconds", registers },
    help: "Since when the earliest timer that has not fired is due",
  });
  const connections = new Gauge({
    ...{ name: "sevenstep_database_connections", registers, labelNames: ["state"] },
    help: "Connections of this server to the database; waiting: work without one",
  });
  const show = (backlog: Backlog): void => {
    for (const [count, [what]] of entriesOf(WAITING)) waiting.set({ what }, backlog[count]);
    jobs.reset();
    for (const [type, count] of backlog.openJobs) jobs.set({ type }, count);
    behind.set(backlog.timersBehindMs / 1000);
  };
  const hide = (): void => {
    for (const gauge of [waiting, jobs, behind]) gauge.remove({});
    waiting.reset();
    jobs.reset();
  };
  let readAt = -Infinity;
  let reading: Promise<void> | null = null;
  return async () => {
    const pool = ports.connections();
    if (pool !== null) {
      for (const state of STATES) connections.set({ state }, pool[state]);
    }
    if (reading === null && ports.nowMs() - readAt < KEPT_MS) return;
    reading ??= ports
      .backlog()
      .then(show, hide)
      .finally(() => {
        readAt = ports.nowMs();
        reading = null;
      });
    await reading;
  };
}

function entriesOf<Key extends string, Value>(object: { readonly [key in Key]: Value }) {
  const keys: readonly string[] = Object.keys(object);
  return keys.filter((key): key is Key => key in object).map((key) => [key, object[key]] as const);
}
