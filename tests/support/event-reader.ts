/** Reads server-sent events over a socket, and comes again with the last id whenever it was cut, as browsers do. */

import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { createEventParser, type ServerSentEvent } from "./event-source.ts";

export interface Reading {
  /** Read at each connection: another server may answer the next one. */
  readonly url: () => string;
  readonly token: string;
  readonly heard: (event: ServerSentEvent) => void;
  readonly signal: AbortSignal;
}

export interface Readings {
  readonly connections: number;
  /** Connections that ended within an event or a field. */
  readonly torn: number;
  /** The status that told it not to come again; null: the signal did. */
  readonly refused: number | null;
}

const PAUSE_MS = 5;

/** Until the signal aborts, or an answer other than 200 and 503 says that it is over. */
export async function readEvents({ url, token, heard, signal }: Reading): Promise<Readings> {
  let lastEventId = "";
  let connections = 0;
  let torn = 0;
  while (!signal.aborted) {
    const parser = createEventParser(lastEventId);
    connections += 1;
    const status = await connection({ url: url(), token, lastEventId, signal }, (bytes) => {
      for (const event of parser.push(bytes)) heard(event);
    });
    lastEventId = parser.lastEventId();
    if (parser.isTorn()) torn += 1;
    if (status !== null && status !== 200 && status !== 503) {
      return { connections, torn, refused: status };
    }
    await sleep(PAUSE_MS);
  }
  return { connections, torn, refused: null };
}

interface Connection {
  readonly url: string;
  readonly token: string;
  readonly lastEventId: string;
  readonly signal: AbortSignal;
}

/** @returns the status, when its connection has ended in whatever way; null when it was cut before the answer began */
function connection(
  { url, token, lastEventId, signal }: Connection,
  push: (bytes: Buffer) => void,
): Promise<number | null> {
  return new Promise((resolve) => {
    const headers = {
      ...{ Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
      ...(lastEventId === "" ? {} : { "Last-Event-ID": lastEventId }),
    };
    const request = get(url, { headers, agent: false, signal });
    request.on("error", () => resolve(null));
    request.on("response", (response) => {
      const status = response.statusCode ?? null;
      if (status === 200) response.on("data", push);
      else response.resume();
      response.on("error", () => resolve(status));
      response.on("close", () => resolve(status));
    });
  });
}
