/** DBOS Transact as a contestant, in its two idioms. */

import type { Served } from "../support/served.ts";
import { installPeers, PEER_VERSIONS, peerScript } from "./install-peers.ts";
import { idsOf } from "./peer-environment.ts";
import { peerTarget, startPeerProcess } from "./peer-process.ts";

export function startDbos(idiom: "living" | "per-event") {
  return async (databaseUrl: string, orders: number): Promise<Served> => {
    const script = peerScript(await installPeers(), "dbos-server.ts");
    const environment = { IDIOM: idiom };
    const { port, pids, stop } = await startPeerProcess({
      script,
      databaseUrl,
      orders,
      environment,
    });
    return {
      ...{ target: peerTarget(port), ids: idsOf(orders), pids, stop },
      configuration: { version: PEER_VERSIONS["@dbos-inc/dbos-sdk"], idiom, poolSize: 16 },
    };
  };
}
