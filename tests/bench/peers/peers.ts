/**
 * The peers by name: each starts on a database of its own, with that many orders.
 *
 * What is not equal is in their favour: none of them authenticates, keeps idempotency keys or hash-chains its history; only
 * bpmn-engine keeps a timer; DBOS and Restate keep no history that can be asked for by order; DBOS's living workflows and
 * its answers carry no order data. In ours: its state is written whole at some transitions only. Peers that do nothing
 * still take some percent of a core (DBOS polls, Restate gossips), from everyone alike.
 */

import type { Served } from "../support/served.ts";
import { startBpmnEngine } from "./bpmn-engine.ts";
import { startDbos } from "./dbos.ts";
import { startNaive } from "./naive.ts";
import { startRestate } from "./restate.ts";

export const PEERS = {
  naive: startNaive("defaults"),
  careful: startNaive("careful"),
  "dbos-living": startDbos("living"),
  "dbos-per-event": startDbos("per-event"),
  "bpmn-engine": startBpmnEngine,
  restate: startRestate({ outbox: false }),
  "restate-outbox": startRestate({ outbox: true }),
} as const satisfies {
  readonly [name: string]: (databaseUrl: string, orders: number) => Promise<Served>;
};
