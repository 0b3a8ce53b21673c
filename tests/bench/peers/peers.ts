/** The peers by name: each starts on a database of its own, with that many orders. */

import type { Served } from "../support/served.ts";
import { startBpmnEngine } from "./bpmn-engine.ts";
import { startDbos } from "./dbos.ts";
import { startNaive } from "./naive.ts";
import { startRestate } from "./restate.ts";

export const PEERS = {
  naive: startNaive,
  "dbos-living": startDbos("living"),
  "dbos-per-event": startDbos("per-event"),
  "bpmn-engine": startBpmnEngine,
  restate: startRestate({ outbox: false }),
  "restate-outbox": startRestate({ outbox: true }),
} as const satisfies {
  readonly [name: string]: (databaseUrl: string, orders: number) => Promise<Served>;
};
