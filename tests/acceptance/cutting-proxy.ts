/** A TCP proxy before a server that cuts connections at random: requests on their way in, answers on their way out. */

import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface CuttingProxy {
  readonly url: string;
  /** What it cut so far. */
  readonly cuts: { readonly requests: number; readonly answers: number };
  readonly close: () => Promise<void>;
}

export interface Odds {
  /** Of each piece of a request, to be cut in the middle. */
  readonly request: number;
  /** Of each piece of an answer, when the server has done its work. */
  readonly answer: number;
}

/** @param target read at each connection: a server that was started again listens elsewhere @param random from 0 to 1 */
export async function cuttingProxy(
  target: () => URL,
  odds: Odds,
  random: () => number,
): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const cuts = { requests: 0, answers: 0 };
  const server = createServer((client) => {
    const { hostname, port } = target();
    const upstream = connect(Number(port), hostname);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", end).on("close", () => {
        open.delete(socket);
        end();
      });
    }
    client.on("data", (piece) => {
      if (random() >= odds.request) return upstream.write(piece);
      cuts.requests += 1;
      return upstream.write(piece.subarray(0, Math.floor(random() * piece.length)), end);
    });
    upstream.on("data", (piece) => {
      if (random() >= odds.answer) return client.write(piece);
      cuts.answers += 1;
      return client.write(piece.subarray(0, Math.floor(random() * piece.length)), end);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    cuts,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("expected a TCP port");
  return address.port;
}
