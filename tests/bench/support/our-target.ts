/** The product over HTTP, as the load generator meets it: signed in, and every event with an idempotency key. */

import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { JsonObject } from "../../../machines/json.ts";
import { orderData } from "../step-definition.ts";
import type { Target } from "./load/plan.ts";
import {
  publishBenchProcess,
  startOurServer,
  ADMIN,
  TECHNICIAN,
  type OurServer,
} from "./our-server.ts";

export interface OurTarget {
  readonly target: Target;
  readonly ids: readonly string[];
  readonly server: OurServer;
  readonly pids: readonly number[];
  readonly stop: () => Promise<void>;
}

/** Orders that are created side by side. */
const AT_ONCE = 8;

/** A server process on the database, the bench's process published, and that many orders. */
export async function startOurTarget(databaseUrl: string, orders: number): Promise<OurTarget> {
  const server = await startOurServer({ databaseUrl });
  await publishBenchProcess(server);
  const ids = await createOverHttp(server, orders);
  return { target: await eventTarget(server), ids, server, pids: [server.pid], stop: server.stop };
}

/** `NEXT` to an order, as a technician. */
export async function eventTarget({ url, token }: OurServer): Promise<Target> {
  const { hostname, port } = new URL(url);
  return {
    ...{ host: hostname, port: Number(port), path: "/v1/work-orders/{id}/events" },
    headers: {
      authorization: `Bearer ${await token(TECHNICIAN)}`,
      "content-type": "application/json",
      "idempotency-key": "{key}",
    },
    body: JSON.stringify({ type: "NEXT", payload: { amount: 12.5 } }),
  };
}

const created = z.object({ id: z.string() });

/** @returns their ids */
export async function createOverHttp(
  server: OurServer,
  count: number,
  data: JsonObject = orderData,
): Promise<readonly string[]> {
  const headers = {
    authorization: `Bearer ${await server.token(ADMIN)}`,
    "content-type": "application/json",
  };
  const body = JSON.stringify({ process: "bench-visit", data });
  let left = count;
  const creator = async (): Promise<readonly string[]> => {
    const ids: string[] = [];
    while (left > 0) {
      left -= 1;
      const response = await fetch(`${server.url}/v1/work-orders`, {
        ...{ method: "POST", headers, body },
      });
      const answer = await response.text();
      if (response.ok) {
        ids.push(created.parse(JSON.parse(answer)).id);
        continue;
      }
      const retryAfter = response.headers.get("retry-after");
      if (retryAfter === null) throw new Error(`creating: ${response.status} ${answer}`);
      left += 1;
      await sleep(Number(retryAfter) * 1_000);
    }
    return ids;
  };
  return (await Promise.all(Array.from({ length: AT_ONCE }, creator))).flat();
}
