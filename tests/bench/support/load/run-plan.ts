/** Carries out one plan: closed, as many requests under way as there are clients; or open, a request whenever one is due. */

import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection, type Answer, type Connection } from "./connection.ts";
import type { ClosedPlan, LoadResult, OpenPlan, Plan, Target } from "./plan.ts";
import { createTally, isAccepted } from "./tally.ts";

/** What was sent, and what became of it. */
type Told = (sent: Sent, answer: Answer) => void;

interface Sent {
  readonly id: string;
  readonly key: string;
  /** The instant from which its latency counts, by `performance.now()`. */
  readonly dueAt: number;
}

/** Resolves when every request that was sent is answered. */
export async function runPlan(plan: Plan): Promise<LoadResult> {
  const connections = plan.kind === "open" ? await connected(plan) : [];
  const tally = createTally();
  const log = plan.acknowledgements === undefined ? null : createWriteStream(plan.acknowledgements);
  const begin = performance.now() + plan.warmUpSeconds * 1_000;
  const end = begin + plan.seconds * 1_000;
  const told: Told = ({ id, key, dueAt }, answer) => {
    const now = performance.now();
    const isMeasured = (at: number): boolean => at >= begin && at < end;
    if (isMeasured(now)) tally.came(answer);
    if (isMeasured(plan.kind === "closed" ? now : dueAt)) tally.record(answer, now - dueAt);
    if (log !== null && isAccepted(answer.status)) log.write(`${id} ${key} ${answer.etag}\n`);
  };
  const cpu = measuredCpu(begin, end);
  const unsent = plan.kind === "closed" ? 0 : await open(plan, connections, end, told);
  if (plan.kind === "closed") await closed(plan, end, told);
  if (log !== null) {
    log.end();
    await once(log, "close");
  }
  return tally.result(plan.seconds, await cpu, unsent);
}

/** Each client has orders of its own, and takes them in turn. */
async function closed(
  { clients, ids, target }: ClosedPlan,
  end: number,
  told: Told,
): Promise<void> {
  if (ids.length < clients) throw new Error(`expected an order per client, found ${ids.length}`);
  const write = writer(target);
  const client = (number: number): Promise<void> =>
    new Promise((resolve) => {
      const own = ids.filter((_, place) => place % clients === number);
      const connection = createConnection(target.host, target.port);
      let turn = 0;
      const stop = (): void => {
        connection.close();
        resolve();
      };
      const next = (): void => {
        const dueAt = performance.now();
        if (dueAt >= end) {
          stop();
          return;
        }
        const sent = { id: own[turn % own.length] ?? "", key: nextKey(), dueAt };
        turn += 1;
        connection.send(write(sent), (answer) => {
          told(sent, answer);
          const restMs = restAfter(answer);
          if (restMs === 0) next();
          // Not at the end but now: a timer may wake some tenths of a millisecond early, and one more request would go out.
          else if (performance.now() + restMs >= end) stop();
          else setTimeout(next, restMs);
        });
      };
      next();
    });
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
}

/** A client that was told when to come again does as it was told; one that was cut does not try without a rest. */
function restAfter({ status, retryAfter }: Answer): number {
  if (isAccepted(status)) return 0;
  return status === 0 ? 10 : (retryAfter ?? 0) * 1_000;
}

/**
 * Orders that are under way are passed over, so that no two requests of one meet.
 * @returns how many were due and could not be sent
 */
async function open(
  plan: OpenPlan,
  connections: readonly Connection[],
  end: number,
  told: Told,
): Promise<number> {
  const { target, perSecond } = plan;
  const write = writer(target);
  const orders = [...plan.ids];
  const idle = [...connections];
  const due: number[] = [];
  const from = performance.now();
  let asked = 0;
  let underWay = 0;
  const dispatch = (): void => {
    while (due.length > 0 && idle.length > 0 && orders.length > 0) {
      const [dueAt, connection, id] = [due.shift(), idle.pop(), orders.shift()];
      if (dueAt === undefined || connection === undefined || id === undefined) return;
      const sent = { id, key: nextKey(), dueAt };
      underWay += 1;
      connection.send(write(sent), (answer) => {
        underWay -= 1;
        idle.push(connection);
        orders.push(id);
        told(sent, answer);
        dispatch();
      });
    }
  };
  for (let now = from; now < end; now = performance.now()) {
    for (; from + (asked * 1_000) / perSecond <= now; asked += 1) {
      due.push(from + (asked * 1_000) / perSecond);
    }
    dispatch();
    await sleep(1);
  }
  const unsent = due.splice(0).length;
  while (underWay > 0) await sleep(5);
  for (const connection of connections) connection.close();
  return unsent;
}

/** How many knock at once. */
const CONNECTING = 64;

/**
 * As a balancer's pool has them: taken in by the server before the load begins. Its event loop takes in one connection a
 * turn (libuv since 1.45), so a crowd of new ones at a full server waits for seconds, whatever the server does with requests.
 */
async function connected({ target, connections }: OpenPlan): Promise<readonly Connection[]> {
  const { host, port } = target;
  const all = Array.from({ length: connections }, () => createConnection(host, port));
  const rest = all.values();
  const knock = `GET / HTTP/1.1\r\nhost: ${host}:${port}\r\n\r\n`;
  const lane = async (): Promise<void> => {
    for (const { send } of rest) await new Promise((resolve) => send(knock, resolve));
  };
  await Promise.all(Array.from({ length: CONNECTING }, lane));
  return all;
}

const RUN = randomUUID();
let keys = 0;

/** As long as a UUID. */
function nextKey(): string {
  keys += 1;
  return RUN.slice(0, 24) + keys.toString(16).padStart(12, "0");
}

/** Everything but id and key is put together once. */
function writer(target: Target): (sent: Sent) => string {
  const bodies = typeof target.body === "string" ? [target.body] : target.body;
  const templates = bodies.map((body) => templateOf(target, body));
  let turn = 0;
  return ({ id, key }) => {
    const parts = templates[turn % templates.length] ?? [];
    turn += 1;
    return parts.map((part) => (part === "{id}" ? id : part === "{key}" ? key : part)).join("");
  };
}

function templateOf({ host, port, path, headers }: Target, body: string): readonly string[] {
  const length = body.replaceAll("{id}", "0".repeat(ID_LENGTH)).replaceAll("{key}", RUN).length;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `POST ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\ncontent-length: ${length}\r\n${lines.join("")}\r\n${body}`;
  return text.split(/(\{id\}|\{key\})/);
}

const ID_LENGTH = 36;

/** Microseconds of this process's CPU between two instants. */
async function measuredCpu(begin: number, end: number): Promise<number> {
  await sleep(Math.max(0, begin - performance.now()));
  const before = process.cpuUsage();
  await sleep(Math.max(0, end - performance.now()));
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
