/** The naive server, as a contestant. */

import { idsOf } from "./peer-environment.ts";
import type { Served } from "../support/served.ts";
import { peerTarget, startPeerProcess } from "./peer-process.ts";

const script = new URL("naive-server.ts", import.meta.url).pathname;

export async function startNaive(databaseUrl: string, orders: number): Promise<Served> {
  const { port, pids, stop } = await startPeerProcess({ script, databaseUrl, orders });
  return { target: peerTarget(port), ids: idsOf(orders), pids, stop };
}
