/**
 * A process of several clients that mark orders as fast as they are answered. Each sends its request with one key until
 * some server answers it, and writes down what was acknowledged: `order mark revision`, a line each. It ends by SIGTERM,
 * when everything that it has sent is answered, and says its counts as one line of JSON.
 */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createConnection,
  type Answer,
  type Connection,
} from "../bench/support/load/connection.ts";

/** What the process is started with, as JSON in its first argument. */
export interface MarkingOrders {
  /** Of servers on this machine; one that is gone comes back where it was. */
  readonly ports: readonly number[];
  readonly token: string;
  readonly name: string;
  /** One request at a time each, and each with orders of its own. */
  readonly clients: number;
  readonly ids: readonly string[];
  readonly acknowledgements: string;
}

/** What the process says at its end. */
export interface MarkingCounts {
  readonly acknowledged: number;
  /** Requests that were sent again under their key, since no answer came. */
  readonly unanswered: number;
  /** Those that were told to come again: by 409, 429 or 503. */
  readonly postponed: number;
  /** Those that were refused for good, by status. */
  readonly refused: { readonly [status: string]: number };
}

const HOST = "127.0.0.1";
const PAUSE_MS = 20;
const POSTPONED: ReadonlySet<number> = new Set([409, 429, 503]);

const { ports, token, name, clients, ids, acknowledgements }: MarkingOrders = JSON.parse(
  process.argv[2] ?? "",
);
const log = createWriteStream(acknowledgements);
const counts = { acknowledged: 0, unanswered: 0, postponed: 0 };
const refused: Record<string, number> = {};
let isEnding = false;
process.on("SIGTERM", () => (isEnding = true));

await Promise.all(Array.from({ length: clients }, (_, index) => mark(index)));
log.end();
await once(log, "close");
const said: MarkingCounts = { ...counts, refused };
process.stdout.write(`${JSON.stringify(said)}\n`);
process.exit(0);

async function mark(client: number): Promise<void> {
  const own = ids.filter((_, place) => place % clients === client);
  const connections = ports.map((port) => createConnection(HOST, port));
  for (let turn = 0; !isEnding; turn += 1) {
    const id = own[turn % own.length] ?? "";
    const made = `${name}-${client}-${turn}`;
    const { status, etag } = await answered(connections, client + turn, request(id, made));
    if (status === 204) {
      counts.acknowledged += 1;
      log.write(`${id} ${made} ${etag}\n`);
    } else refused[status] = (refused[status] ?? 0) + 1;
  }
}

/** By any server, the next one after one that gave no answer. */
async function answered(
  connections: readonly Connection[],
  first: number,
  text: string,
): Promise<Answer> {
  for (let server = first; ; server += 1) {
    const answer = await new Promise<Answer>((resolve) => {
      connections[server % connections.length]?.send(text, resolve);
    });
    if (answer.status !== 0 && !POSTPONED.has(answer.status)) return answer;
    if (answer.status === 0) counts.unanswered += 1;
    else counts.postponed += 1;
    await sleep(PAUSE_MS);
  }
}

function request(id: string, made: string): string {
  const body = JSON.stringify({ type: "MARK", payload: { mark: made, by: `who made ${made}` } });
  return [
    `POST /v1/work-orders/${id}/events HTTP/1.1`,
    `Host: ${HOST}`,
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    "Prefer: return=minimal",
    `Idempotency-Key: ${made}`,
    `Content-Length: ${body.length}`,
    `\r\n${body}`,
  ].join("\r\n");
}
