/** Takes a server off its socket without cutting anyone short: what has come is answered, and nobody is kept. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Draining {
  /** To be told of each request before it is answered. */
  readonly begin: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * For a moment everybody is still heard, and told to go elsewhere; then it takes no new connections, and waits for the
   * answers under way. @returns false when those took too long and were cut off
   */
  readonly drain: (timeoutMs: number) => Promise<boolean>;
}

/**
 * A request that is on its way to a connection when that is closed comes to nothing, so callers hear first, with the
 * answers that they get meanwhile, that theirs will be.
 */
const LAST_HEARING_MS = 500;
const SWEEP_MS = 100;

export function createDraining(server: Server): Draining {
  /** Open connections, and the answers under way on each: none where nothing, or not yet a whole request, has come. */
  const connections = new Map<Socket, Set<ServerResponse>>();
  let isDraining = false;

  server.on("connection", (socket: Socket) => {
    connections.set(socket, new Set());
    socket.on("close", () => connections.delete(socket));
  });
  const closeIdle = (): void => {
    for (const [socket, answers] of connections) if (answers.size === 0) socket.destroy();
  };
  const isClosed = async (): Promise<true> => {
    const closed = new Promise<true>((resolve) => server.close(() => resolve(true)));
    // Whoever came last is given as long to say what it came for.
    const sweep = setInterval(closeIdle, SWEEP_MS);
    await closed;
    clearInterval(sweep);
    return true;
  };

  return {
    begin: ({ socket }, response) => {
      const answers = connections.get(socket);
      answers?.add(response);
      response.on("close", () => answers?.delete(response));
      if (isDraining) response.shouldKeepAlive = false;
    },
    drain: async (timeoutMs) => {
      isDraining = true;
      for (const answers of connections.values()) {
        for (const answer of answers) answer.shouldKeepAlive = false;
      }
      const lastHearingMs = Math.min(LAST_HEARING_MS, timeoutMs / 2);
      await sleep(lastHearingMs);
      const timer = new AbortController();
      const late = sleep(timeoutMs - lastHearingMs, false, timer).catch(() => false);
      const inTime = await Promise.race([isClosed(), late]);
      timer.abort();
      if (!inTime) server.closeAllConnections();
      return inTime;
    },
  };
}
