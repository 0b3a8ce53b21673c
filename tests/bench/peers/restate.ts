/** Restate as a contestant: its server from its npm package with its default settings, and our service beside it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../support/postgres-server.ts";
import { withTheBench } from "../support/with-the-bench.ts";
import type { Served } from "../support/served.ts";
import { installPeers, PEER_VERSIONS, peerScript } from "./install-peers.ts";
import { idsOf } from "./peer-environment.ts";
import { peerTarget, startPeerProcess } from "./peer-process.ts";

const START_MS = 60_000;
const POLL_MS = 200;

export function startRestate(options: { readonly outbox: boolean }) {
  return async (_databaseUrl: string, orders: number): Promise<Served> => {
    const folder = await installPeers();
    const service = await startPeerProcess({
      ...{ script: peerScript(folder, "restate-service.ts"), databaseUrl: "", orders },
      environment: { OUTBOX: options.outbox ? "1" : "0", RESTATE_LOGGING: "ERROR" },
    });
    const server = await startServer(folder);
    await registered(server.adminPort, `http://127.0.0.1:${service.port}`);
    return {
      target: { ...peerTarget(server.ingressPort), path: "/visit/{id}/next" },
      ids: idsOf(orders),
      pids: [server.pid, ...service.pids],
      stop: async () => {
        await server.stop();
        await service.stop();
      },
      configuration: {
        ...{ version: PEER_VERSIONS["@restatedev/restate-server"], ...options },
        settings: "defaults: 24 partitions, replicated log on one node, its WAL fsynced",
      },
    };
  };
}

interface Server {
  readonly ingressPort: number;
  readonly adminPort: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

async function startServer(folder: string): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), "sevenstep-restate-"));
  const [ingressPort, adminPort, nodePort] = [await freePort(), await freePort(), await freePort()];
  const env = {
    ...process.env,
    ...{
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "error,octocrab=off",
      RESTATE_LISTEN_MODE: "tcp",
    },
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingressPort}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${adminPort}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${nodePort}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${nodePort}`,
  };
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  const binary = join(folder, "node_modules", name, "bin", "restate-server");
  const parameters = ["--no-logo", "--base-dir", data];
  const child = withTheBench(spawn(binary, parameters, { env, stdio: ["ignore", 2, 2] }));
  const closed = once(child, "close");
  return {
    ...{ ingressPort, adminPort, pid: child.pid ?? 0 },
    stop: async () => {
      child.kill("SIGKILL");
      await closed;
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Tells the server where the service is, as soon as it listens. */
async function registered(adminPort: number, uri: string): Promise<void> {
  const end = performance.now() + START_MS;
  for (let said = "nothing"; ; await sleep(POLL_MS)) {
    if (performance.now() > end) throw new Error(`restate-server took no deployment: ${said}`);
    try {
      const answer = await fetch(`http://127.0.0.1:${adminPort}/deployments`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ uri }),
      });
      if (answer.ok) return;
      said = await answer.text();
    } catch (error) {
      said = String(error);
    }
  }
}
