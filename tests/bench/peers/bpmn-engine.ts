/** bpmn-engine as a contestant. */

import type { Served } from "../support/served.ts";
import { installPeers, PEER_VERSIONS, peerScript } from "./install-peers.ts";
import { idsOf } from "./peer-environment.ts";
import { peerTarget, startPeerProcess } from "./peer-process.ts";

export async function startBpmnEngine(databaseUrl: string, orders: number): Promise<Served> {
  const script = peerScript(await installPeers(), "bpmn-engine-server.ts");
  const { port, pids, stop } = await startPeerProcess({ script, databaseUrl, orders });
  return {
    ...{ target: peerTarget(port), ids: idsOf(orders), pids, stop },
    configuration: { version: PEER_VERSIONS["bpmn-engine"], engines: "in memory, one per order" },
  };
}
