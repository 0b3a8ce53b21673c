/** A TCP proxy that cuts connections at any byte of what comes back, as a bad network does. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface CuttingProxy {
  readonly port: number;
  /** How many connections it cut so far. */
  readonly cuts: () => number;
  /** Cuts all that are open now, wherever they stand. */
  readonly cutAll: () => void;
  readonly close: () => Promise<void>;
}

export interface Cutting {
  /** Where the next connection goes: a port of this machine. */
  readonly target: () => number;
  /** After how many bytes from the target the next connection is cut; null: never. */
  readonly cutAfter: () => number | null;
}

export async function cuttingProxy({ target, cutAfter }: Cutting): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(target(), "127.0.0.1");
    const left = cutAfter();
    let leftBytes = left ?? Infinity;
    const both = [near, far];
    const cut = (): void => {
      for (const socket of both) socket.destroy();
    };
    for (const socket of both) {
      socket.setNoDelay(true);
      open.add(socket);
      socket.on("error", cut);
      socket.on("close", () => {
        open.delete(socket);
        cut();
      });
    }
    near.pipe(far);
    far.on("data", (bytes: Buffer) => {
      const passed = bytes.subarray(0, Math.max(0, leftBytes));
      leftBytes -= bytes.length;
      if (leftBytes > 0) {
        if (!near.write(passed)) {
          far.pause();
          near.once("drain", () => far.resume());
        }
        return;
      }
      cuts += 1;
      // What was passed still arrives, and then nothing.
      near.end(passed, cut);
      far.destroy();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP port");
  return {
    port: address.port,
    cuts: () => cuts,
    cutAll: () => {
      for (const socket of open) socket.destroy();
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** A stream of numbers in [0, 1) that a seed fixes (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
