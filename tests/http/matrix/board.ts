/** Plays rows of the matrix against a server: sends each caller's request, and says of each answer what it was. */

import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { tableChanges } from "../../support/table-changes.ts";
import type { TestServer } from "../server.ts";
import { expected, type Outcome, type Row } from "./authority.ts";
import { callersOf, OTHER, OWN, reachesThing, type Caller, type Home } from "./callers.ts";
import type { Cell } from "./picture.ts";
import { neverWas, REQUESTS, STREAM, type Sent } from "./requests.ts";
import {
  makerOf,
  NEVER,
  PERSON,
  publishProcesses,
  type Maker,
  type Request,
  type Things,
} from "./things.ts";

export interface Played {
  readonly cells: readonly Cell[];
  /** What was not as the table says. */
  readonly wrong: readonly string[];
}

export interface Board {
  /** With the thing in its centre. */
  readonly play: (row: Row, home: Home) => Promise<Played>;
  readonly callers: readonly Caller[];
  /** Cells so far. */
  readonly asserted: () => number;
  readonly close: () => Promise<void>;
}

interface World {
  readonly server: TestServer;
  /** By home. */
  readonly makers: ReadonlyMap<Home, Maker>;
  readonly things: Map<Home, Things>;
}

const HOMES: readonly Home[] = [OWN, OTHER, null];

/** @param columns absent: all */
export async function createBoard(server: TestServer, columns?: readonly string[]): Promise<Board> {
  await publishProcesses(server);
  const makers = new Map(HOMES.map((home) => [home, makerOf(server, home)]));
  const things = new Map<Home, Things>();
  for (const [home, maker] of makers) things.set(home, await maker.all());
  const world: World = { server, makers, things };
  await feedIsFull(server);
  // Without timers, jobs and deliveries of the server's own, what changes was changed by a request.
  await server.engine.stop();
  const callers = (await callersOf(server)).filter(
    ({ column }) => columns === undefined || columns.includes(column),
  );
  const changes = await tableChanges(server.database);
  let asserted = 0;

  const play = async (row: Row, home: Home): Promise<Played> => {
    const sent = REQUESTS[row.name];
    if (sent === undefined) throw new Error(`no request is made for ${row.name}`);
    const all = callers.map((caller) => ({ caller, expectation: expected(row, caller, home) }));
    // A claim by callers elsewhere takes what is there, and that is an effect.
    const acts = ({ expectation }: (typeof all)[number]): boolean =>
      isGranted(expectation) || (row.name === "claimJobs" && expectation === "left out");
    await changes.since();
    const askAll = (these: typeof all): Promise<readonly Asked[]> =>
      inLanes(these, (each) => ask(world, { ...each, row, sent, home }));
    const idle = await askAll(all.filter((each) => !acts(each)));
    const effect = await changes.since();
    const done: Asked[] = [];
    if (isReading(things.get(home), sent)) {
      done.push(...(await askAll(all.filter(acts))));
    } else {
      for (const each of all.filter(acts)) {
        done.push(await askAndRenew(world, { ...each, row, sent, home }));
      }
    }
    const asked = [...idle, ...done];
    asserted += asked.length;
    return {
      cells: callers.flatMap((caller) =>
        asked.filter(({ cell }) => cell.caller === caller).map(({ cell }) => cell),
      ),
      wrong: [
        ...asked.flatMap(({ wrong }) => wrong),
        ...(effect === null ? [] : [`an effect of what was refused: ${effect}`]),
      ],
    };
  };
  return { play, callers, asserted: () => asserted, close: server.close };
}

const LANES = 12;

async function inLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

function isReading(things: Things | undefined, { request }: Sent): boolean {
  const { body, method } = request(thingsIn(things));
  return body === undefined && (method ?? "GET") === "GET";
}

function thingsIn(things: Things | undefined): Things {
  if (things === undefined) throw new Error("nothing was made for this centre");
  return things;
}

interface Asking {
  readonly row: Row;
  readonly sent: Sent;
  readonly home: Home;
  readonly caller: Caller;
  readonly expectation: Outcome;
}

interface Asked {
  readonly cell: Cell;
  readonly text: string;
  readonly wrong: readonly string[];
}

async function ask(world: World, { row, sent, home, caller, expectation }: Asking): Promise<Asked> {
  const things = thingsIn(world.things.get(home));
  const shown = isGranted(expectation) ? sent.shows?.(things) : undefined;
  const answer = await send(world.server, caller, sent.request(things), shown);
  const outcome = outcomeOf(answer, sent.shows?.(things));
  const cell = { caller, outcome };
  const name = `${row.name} by ${caller.column} of ${caller.scope}`;
  const wrong: string[] = [];
  if (outcome !== expectation) {
    wrong.push(
      `${name}: expected ${expectation}, found ${outcome}: ${answer.status} ${answer.text.slice(0, 120)}`,
    );
  }
  if (isGranted(outcome) && answer.status >= 300) {
    wrong.push(`${name}: ${answer.status} ${answer.text.slice(0, 120)}`);
  }
  if (outcome === "absent") {
    const never = await send(world.server, caller, sent.request(neverWas(things)));
    const [seen, unseen] = [plain(answer, things), plain(never, things)];
    if (seen !== unseen) wrong.push(`${name}: ${differenceOf(seen, unseen)}`);
  } else {
    wrong.push(...leaks(world, caller, answer).map((leak) => `${name}: ${leak}`));
  }
  return { cell, text: answer.text, wrong };
}

async function askAndRenew(world: World, asking: Asking): Promise<Asked> {
  const asked = await ask(world, asking);
  const { uses } = asking.sent;
  if (uses === undefined) return asked;
  for (const [home, maker] of world.makers) {
    const things = thingsIn(world.things.get(home));
    const isUsed = uses === "openJob" ? asked.text.includes(things.openJob) : home === asking.home;
    if (isUsed) world.things.set(home, { ...things, ...(await maker[uses]()) });
  }
  return asked;
}

function isGranted(outcome: Outcome): boolean {
  return outcome === "granted" || outcome === "persons";
}

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly code: string | null;
}

const ABSENT = new Set(["not-found", "test-clock-unknown", "message-unmatched"]);

function outcomeOf({ status, code, text }: Got, shown: string | undefined): Outcome {
  if (status === 401) return "unknown";
  if (code === "role-not-allowed") return "role";
  if (code === "centre-not-allowed") return "centre";
  if (code !== null && ABSENT.has(code)) return "absent";
  if (shown !== undefined && !text.includes(shown)) return "left out";
  return text.includes(PERSON) ? "persons" : "granted";
}

/** What of centres beyond the caller's stands in the answer. */
function leaks({ things }: World, caller: Caller, { text }: Got): readonly string[] {
  return [...things].flatMap(([home, { leaseToken: _secret, home: _home, ...ids }]) => {
    if (reachesThing(caller, home)) return [];
    const names = Object.entries(ids).filter(([, id]) => text.includes(id));
    return names.map(([name]) => `tells the ${name} of ${home ?? "no centre"}`);
  });
}

/** @param awaited what a stream is to say */
async function send(
  { app }: TestServer,
  caller: Caller,
  request: Request,
  awaited?: string,
): Promise<Got> {
  const { path, body, method, headers } = request;
  const isText = typeof body === "string" || body instanceof Uint8Array;
  const response = await app.request(path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(caller.token === null ? {} : { Authorization: `Bearer ${caller.token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const isStream = response.headers.get("content-type") === STREAM;
  const text = isStream ? await untilQuiet(response, awaited) : await response.text();
  return { status: response.status, headers: response.headers, text, code: codeIn(text) };
}

/** Of a problem, or of the problem of a batch's only line. */
function codeIn(text: string): string | null {
  return (
    /"code":"([a-z-]+)"/.exec(/^\{"(type|items":\[\{"status":4)/.test(text) ? text : "")?.[1] ??
    null
  );
}

const QUIET_MS = 300;
/** What is awaited comes at once, but on a machine that has much to do. */
const PATIENCE_MS = 20_000;

/** A stream never ends: what it says until it says no more. */
async function untilQuiet({ body }: Response, awaited = ""): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const waitMs = text.includes(awaited) ? QUIET_MS : PATIENCE_MS;
    const chunk = await Promise.race([reader?.read(), sleep(waitMs, null, { ref: false })]);
    if (chunk === null || chunk === undefined || chunk.done) break;
    text += decoder.decode(chunk.value, { stream: true });
  }
  await reader?.cancel();
  return text;
}

/** Of its own are an answer's request id and the names that were asked for. */
function plain({ status, headers, text }: Got, { home: _home, ...things }: Things): string {
  const ids = [...Object.values(things), ...Object.values(NEVER)].toSorted(
    (a, b) => b.length - a.length,
  );
  const own = text.replace(/"requestId":"[^"]*"/, "");
  const said = ids.reduce((rest, id) => rest.replaceAll(id, "<id>"), own);
  const kept = [...headers].filter(([name]) => name !== "x-request-id");
  return `${status} ${JSON.stringify(kept)} ${said}`;
}

function differenceOf(seen: string, unseen: string): string {
  const at = seen.split("").findIndex((letter, index) => letter !== unseen[index]);
  const [found, instead] = [seen, unseen].map((text) => text.slice(Math.max(0, at - 20), at + 80));
  return `…${found}… is not …${instead}…`;
}

/** What was written before the engine stops has its place in the feed, and in the log. */
async function feedIsFull({ database, engine, store }: TestServer): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ readonly left: string }>`
      select count(*)::text as left from feed_batches`.execute(database.db);
    const logged = (await engine.log.newest())?.size ?? 0;
    if (rows[0]?.left === "0" && logged > 0 && logged === (await store.feed.head())) return;
    await sleep(20);
  }
}
