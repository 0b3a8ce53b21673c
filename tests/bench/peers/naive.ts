/** The naive server, as a contestant: as its libraries' defaults have it, or with more care. */

import { idsOf } from "./peer-environment.ts";
import type { Served } from "../support/served.ts";
import type { Care } from "./order-tables.ts";
import { peerTarget, startPeerProcess } from "./peer-process.ts";

const script = new URL("naive-server.ts", import.meta.url).pathname;

export function startNaive(care: Care) {
  return async (databaseUrl: string, orders: number): Promise<Served> => {
    const environment = { CARE: care };
    const { port, pids, stop } = await startPeerProcess({
      script,
      databaseUrl,
      orders,
      environment,
    });
    return { target: peerTarget(port), ids: idsOf(orders), pids, stop };
  };
}
