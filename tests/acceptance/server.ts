/** Real server processes, each on a data folder or a database of its own: started, killed, stopped and started again. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { existingTokenKey } from "../../src/http/data-folder.ts";
import { mintToken } from "../../src/http/token.ts";
import { codeCache } from "../support/code-cache.ts";
import { createDatabase, type Kind } from "../support/databases.ts";
import { temporaryFolder, withTheFile } from "../support/with-the-file.ts";

/** What outlives a server: its data folder and, with Postgres, its database. */
export interface Site {
  readonly kind: Kind;
  readonly dataFolder: string;
  /** Null: PGlite in the data folder. */
  readonly databaseUrl: string | null;
  readonly remove: () => Promise<void>;
}

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** What it said, log lines and errors. */
  readonly output: () => string;
  /** Ends it by SIGKILL, wherever it stands. */
  readonly kill: () => Promise<void>;
  /** Asks it to end. */
  readonly terminate: () => Promise<Ended>;
}

/** How a process ended; `code` is null when a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly tookMs: number;
}

/** A server that ended before it was ready. */
export class StartFailed extends Error {
  override readonly name = "StartFailed";
  readonly code: number | null;
  constructor(code: number | null, output: string) {
    super(`The server ended with ${code} before it was ready:\n${output}`);
    this.code = code;
  }
}

export interface Start {
  /** Absent: none but what is published over HTTP. */
  readonly definitions?: string;
  /** Further variables. */
  readonly environment?: Environment;
}

type Environment = { readonly [name: string]: string };

const ROOT = new URL("../../", import.meta.url).pathname;
/** The product's own definitions. */
export const DEFINITIONS = join(ROOT, "definitions");
/** The Node that the product brings along: the one that runs the tests may be too old for TypeScript. */
export const NODE = join(ROOT, "node_modules", ".bin", "node");
const POLL_MS = 25;
const TOKEN_TTL_S = 7200;

export async function createSite(kind: Kind): Promise<Site> {
  const folder = await temporaryFolder("site");
  const database = kind === "postgres" ? await createDatabase() : null;
  return {
    kind,
    dataFolder: join(folder, "data"),
    databaseUrl: database?.url ?? null,
    remove: async () => {
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when `/readyz` says so. @throws {StartFailed} */
export async function startServer(
  site: Site,
  { definitions, environment = {} }: Start = {},
): Promise<ServerProcess> {
  const nothing = join(site.dataFolder, "..", "no-definitions");
  await mkdir(nothing, { recursive: true });
  const child = launch([NODE, "src/main.ts", "serve"], site, definitions ?? nothing, environment);
  const url = await addressOf(child);
  while (!(await fetch(`${url}/readyz`)).ok) await sleep(POLL_MS);
  const { kill, terminate, pid, output } = child;
  return { url, pid, output, kill, terminate };
}

/** Where a server that was launched listens. @throws {StartFailed} when it ends without having said so */
export async function addressOf({ said, ended, output }: Launched): Promise<string> {
  return Promise.race([said, ended.then(({ code }) => failed(code, output()))]);
}

interface Launched extends Omit<ServerProcess, "url"> {
  /** The address in its log. */
  readonly said: Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Starts any command in the site's environment, on a port that the system chooses. */
export function launch(
  [command, ...parameters]: readonly [string, ...string[]],
  site: Site,
  definitions: string,
  environment: Environment = {},
): Launched {
  const { databaseUrl, dataFolder } = site;
  const env = {
    ...{ PATH: process.env["PATH"], HOME: process.env["HOME"], ...codeCache },
    ...{ PORT: "0", LOG_LEVEL: "info", SEVENSTEP_DATA: dataFolder },
    SEVENSTEP_DEFINITIONS: definitions,
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    ...environment,
  };
  const child = withTheFile(spawn(command, parameters, { cwd: ROOT, env }));
  let output = "";
  const said = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const url = addressIn(output);
        if (url !== null) resolve(url);
      });
    }
  });
  const startedAt = performance.now();
  const closed = once(child, "close").then(() => child.exitCode);
  const endBy = async (signal: "SIGKILL" | "SIGTERM"): Promise<Ended> => {
    const askedAt = performance.now();
    child.kill(signal);
    return { code: await closed, tookMs: performance.now() - askedAt };
  };
  return {
    pid: child.pid ?? 0,
    output: () => output,
    said,
    ended: closed.then((code) => ({ code, tookMs: performance.now() - startedAt })),
    kill: () => endBy("SIGKILL").then(() => undefined),
    terminate: () => endBy("SIGTERM"),
  };
}

const listening = z.object({ url: z.url() });

/** @returns null while the server has not said where it listens */
function addressIn(output: string): string | null {
  for (const line of output.split("\n").slice(0, -1)) {
    const said = listening.safeParse(parsed(line));
    if (said.success) return said.data.url;
  }
  return null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function failed(code: number | null, output: string): never {
  throw new StartFailed(code, output);
}

export interface Person {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly centres: "*" | readonly string[];
}

export const ADMIN: Person = { sub: "admin", roles: ["admin"], centres: "*" };

/** A token as `sevenstep token` makes it, by the key in the site's data folder. */
export async function tokenFor({ dataFolder }: Site, person: Person): Promise<string> {
  const key = await existingTokenKey(dataFolder);
  if (key === null) throw new Error(`expected a server to have run in ${dataFolder}`);
  const issuedAt = Math.floor(Date.now() / 1000);
  return mintToken(key, person, { issuedAt, expiresAt: issuedAt + TOKEN_TTL_S });
}
