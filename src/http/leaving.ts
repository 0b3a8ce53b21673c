/** Ends connections on which a body was not read to its end, so that callers still hear the answer and lose no next request. */

import { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { getRequestListener } from "@hono/node-server";

type Answering = Parameters<typeof getRequestListener>[0];

export interface Leaving {
  /** Says `Connection: close` with answers that come before their request has arrived as a whole. */
  readonly whereUnread: (answer: Answering) => Answering;
  /** What comes on such a connection after its last answer is for nobody. */
  readonly isLeft: (socket: Socket) => boolean;
}

/** For callers that hear nothing until they have said everything. */
const LINGER_MS = 1_000;

export function createLeaving(): Leaving {
  const left = new WeakSet<Socket>();
  return {
    isLeft: (socket) => left.has(socket),
    whereUnread: (answer) => async (request, env) => {
      const response = await answer(request, env);
      const { incoming, outgoing } = env;
      // What has come already is there after a turn.
      if (!incoming.complete) await setImmediate();
      const isUnread = !incoming.complete && !incoming.destroyed;
      if (isUnread && outgoing instanceof ServerResponse) {
        outgoing.shouldKeepAlive = false;
        left.add(incoming.socket);
        linger(incoming.socket);
      }
      return response;
    },
  };
}

/** Closed at once, what the caller is still sending would make its system throw the answer away (RFC 9112 section 9.6). */
function linger(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}
