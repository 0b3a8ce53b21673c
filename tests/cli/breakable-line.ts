/** A TCP line to a server that a test can cut and mend, as a network or a database restart would. */

import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

export interface BreakableLine {
  readonly port: number;
  /** Ends every connection and refuses new ones. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
}

export async function lineTo(host: string, port: number): Promise<BreakableLine> {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        ends.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  const listen = async (at: number): Promise<number> => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : at;
  };
  const own = await listen(0);
  return {
    port: own,
    cut: async () => {
      const closed = once(server, "close");
      server.close();
      for (const end of ends) end.destroy();
      await closed;
    },
    mend: async () => {
      await listen(own);
    },
  };
}
