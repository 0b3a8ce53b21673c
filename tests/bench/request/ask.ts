/** Asks over connections that stay open, one request at a time on each; as little as a client can do, on a core of its own. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Asked {
  readonly requests: number;
  /** By status. */
  readonly answers: { readonly [status: string]: number };
}

/** @param requestOf the bytes of the n-th request */
export async function askAll(
  url: string,
  { connections, requests }: { readonly connections: number; readonly requests: number },
  requestOf: (n: number) => string,
): Promise<Asked> {
  const answers: Record<string, number> = {};
  let next = 0;
  const asker = async (): Promise<void> => {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    await once(socket, "connect");
    while (next < requests) {
      const n = next;
      next += 1;
      const status = await exchanged(socket, requestOf(n));
      answers[status] = (answers[status] ?? 0) + 1;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, asker));
  return { requests, answers };
}

/** @returns the status, when the whole answer has come */
function exchanged(socket: Socket, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = "";
    let left = -1;
    let status = "";
    const onData = (bytes: Buffer): void => {
      if (left < 0) {
        head += bytes.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        status = head.slice(9, 12);
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
        if (!(length >= 0)) return finish(() => reject(new Error(`no length: ${head}`)));
        left = length - (head.length - end - 4);
      } else left -= bytes.length;
      if (left === 0) finish(() => resolve(status));
    };
    const finish = (done: () => void): void => {
      socket.off("data", onData).off("error", onError);
      done();
    };
    const onError = (error: Error): void => finish(() => reject(error));
    socket.on("data", onData).on("error", onError);
    socket.write(request);
  });
}
