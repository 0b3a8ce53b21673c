/** Puts the application on a socket, with bounds on slow callers, and takes it off again without cutting anyone short. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import type { Routes } from "./context.ts";

export interface Listening {
  /** Where it really listens, also when the port was left to the system. */
  readonly url: string;
  /** Takes no new connections and waits for what is under way. @returns false when that took too long and was cut off */
  readonly drain: (timeoutMs: number) => Promise<boolean>;
}

/** A caller that sends its headers or body slower than this is cut off. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_INTERVAL_MS = 1_000;
const SWEEP_MS = 50;

/** @throws the system's error when the address can't be had, such as EADDRINUSE */
export async function listen(
  app: Routes,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<Listening> {
  const answer = getRequestListener(app.fetch);
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (request, response) => void answer(request, response),
  );
  server.listen(port, host);
  await once(server, "listening");
  return { url: urlOf(server, host), drain: (timeoutMs) => drain(server, timeoutMs) };
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Closes the connections that are idle, and the others as soon as they are: their keep-alive holds nobody up. */
async function drain(server: Server, timeoutMs: number): Promise<boolean> {
  const closed = new Promise<true>((resolve) => server.close(() => resolve(true)));
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const timer = new AbortController();
  const late = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([closed, late]);
  clearInterval(sweep);
  timer.abort();
  if (!inTime) server.closeAllConnections();
  return inTime;
}
