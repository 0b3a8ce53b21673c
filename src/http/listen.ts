/** Puts the application on a socket, with bounds on slow callers, and takes it off again without cutting anyone short. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Routes } from "./context.ts";
import type { Door } from "./door.ts";
import { createDraining, type Draining } from "./drain.ts";
import { createLeaving } from "./leaving.ts";
import { malformedAnswer, refuseOnWire } from "./wire-refusal.ts";

export interface Listening extends Pick<Draining, "drain"> {
  /** Where it really listens, also when the port was left to the system. */
  readonly url: string;
}

/** How long a caller may take. */
export interface Patience {
  /** For the headers of a request. */
  readonly headersMs: number;
  /** For a request as a whole, body and all. */
  readonly requestMs: number;
  /** Between requests: longer than the minute for which proxies commonly keep a connection, so that they end it. */
  readonly idleMs: number;
  /** How often the above is looked at. */
  readonly checkMs: number;
}

const PATIENCE: Patience = {
  ...{ headersMs: 10_000, requestMs: 30_000, idleMs: 65_000, checkMs: 1_000 },
};
const MAX_HEADER_BYTES = 16_384;
const MAX_CONNECTIONS = 10_000;
/**
 * Connections that wait to be taken. Of a crowd that comes at once, those beyond are not refused but left to try again by
 * their systems: after a second, three, seven. Systems have a bound of their own as well, `net.core.somaxconn` on Linux.
 */
const BACKLOG = 4_096;

export interface Where {
  readonly port: number;
  readonly host: string;
  /** Absent: the application looks at every request. */
  readonly door?: Door;
}

/** @throws the system's error when the address can't be had, such as EADDRINUSE */
export async function listen(
  app: Routes,
  { port, host, door = everybody }: Where,
  { headersMs, requestMs, idleMs, checkMs }: Patience = PATIENCE,
): Promise<Listening> {
  const leaving = createLeaving();
  // HTTP/1.0 names no host, and load balancers still ask by it whether a server is well.
  const answer = getRequestListener(leaving.whereUnread(app.fetch), {
    hostname: "localhost",
    errorHandler: unanswerable,
  });
  /** The last answer of each connection. */
  const answers = new WeakMap<Duplex, ServerResponse>();
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Asked for below, where the refusal has words.
      requireHostHeader: false,
    },
    (request, response) => {
      if (leaving.isLeft(request.socket)) return;
      answers.set(request.socket, response);
      draining.begin(request, response);
      const isRefused = isAmbiguous(request) || lacksHost(request);
      if (isRefused) refuseOnWire(new Error("refused"), request.socket, false);
      else if (!door(request, response)) void answer(request, response);
    },
  );
  const draining = createDraining(server);
  server.maxConnections = MAX_CONNECTIONS;
  const refused = new WeakSet<Duplex>();
  server.on("clientError", (error, socket) => {
    // What comes after bytes that were refused is refused with them.
    if (refused.has(socket)) return;
    refused.add(socket);
    const last = answers.get(socket);
    refuseOnWire(error, socket, last !== undefined && last.headersSent && !last.writableFinished);
  });
  server.listen({ port, host, backlog: BACKLOG });
  await once(server, "listening");
  return { url: urlOf(server, host), drain: draining.drain };
}

function everybody(): boolean {
  return false;
}

/** Headers that say one thing, of which Node takes the first and a proxy before it perhaps the last. */
const SINGLE: ReadonlySet<string> = new Set(["authorization", "content-type", "host"]);

function isAmbiguous({ rawHeaders }: IncomingMessage): boolean {
  let seen = "";
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? "";
    if (!SINGLE.has(name)) continue;
    if (seen.includes(`:${name}:`)) return true;
    seen += `:${name}:`;
  }
  return false;
}

/** RFC 9112 section 3.2. */
function lacksHost({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.host === undefined && httpVersion !== "1.0";
}

/** @throws what is no fault of the request */
function unanswerable(error: unknown): Response {
  if (error instanceof RequestError) return malformedAnswer();
  throw error;
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
