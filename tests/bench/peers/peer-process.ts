/** Starts a peer's process and ends it, and nothing else: it is up when it says so, or when its address answers. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { withTheBench } from "../support/with-the-bench.ts";
import { freePort } from "../../support/postgres-server.ts";
import type { Target } from "../support/load/plan.ts";

export interface PeerProcess {
  readonly port: number;
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

export interface PeerProcessOptions {
  readonly script: string;
  readonly databaseUrl: string;
  readonly orders: number;
  readonly environment?: { readonly [name: string]: string };
}

const HOST = "127.0.0.1";

/** A Node process; it says `ready` on its channel to us. */
export async function startPeerProcess(options: PeerProcessOptions): Promise<PeerProcess> {
  const port = await freePort();
  const env = {
    ...process.env,
    ...{ NODE_ENV: "production", PORT: String(port), ORDERS: String(options.orders) },
    DATABASE_URL: options.databaseUrl,
    ...options.environment,
  };
  // What it says goes to stderr: stdout is for results.
  const stdio = ["ignore", 2, 2, "ipc"] as const;
  const child = withTheBench(spawn(process.execPath, [options.script], { env, stdio: [...stdio] }));
  const closed = once(child, "close");
  const gone = closed.then(([code]) => {
    throw new Error(`${options.script} ended with ${String(code)} before it was ready: see above`);
  });
  await Promise.race([once(child, "message"), gone]);
  gone.catch(() => undefined);
  return {
    ...{ port, pids: [child.pid ?? 0] },
    stop: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** The same request to every peer that takes it in this form. */
export function peerTarget(port: number): Target {
  return {
    ...{ host: HOST, port, path: "/orders/{id}/events" },
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ type: "NEXT", amount: 12.5 }),
  };
}
