/** The product as its users run it: a process of its own, started by its command, listening on a socket. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../../machines/json.ts";
import { existingTokenKey } from "../../../src/http/data-folder.ts";
import { mintToken, type TokenClaims } from "../../../src/http/token.ts";
import { freePort } from "../../support/postgres-server.ts";
import { document } from "../step-definition.ts";
import { withTheBench } from "./with-the-bench.ts";

export interface OurServer {
  readonly url: string;
  readonly pid: number;
  readonly dataFolder: string;
  /** For a few hours. */
  readonly token: (claims: TokenClaims) => Promise<string>;
  /** By SIGKILL, wherever it stands; its data folder stays. */
  readonly kill: () => Promise<void>;
  /** By SIGTERM, and its data folder is removed when it was made here. */
  readonly stop: () => Promise<void>;
}

export interface OurServerOptions {
  /** Absent: PGlite in the data folder. */
  readonly databaseUrl?: string;
  /** Absent: a folder of its own. Servers that share a database share the keys in it, too. */
  readonly dataFolder?: string;
  /** Above the bench's own: no rate limit, warnings only in the log. */
  readonly environment?: { readonly [name: string]: string };
  /** Of Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

export const TECHNICIAN: TokenClaims = { sub: "tech-7", roles: ["technician"], centres: "*" };
export const ADMIN: TokenClaims = { sub: "admin", roles: ["admin"], centres: "*" };

const ROOT = new URL("../../../", import.meta.url).pathname;
const POLL_MS = 20;
const START_MS = 60_000;
const TOKEN_TTL_S = 6 * 3_600;

/** Resolves when it is ready, without any definition published: see `publishBenchProcess`. */
export async function startOurServer(options: OurServerOptions = {}): Promise<OurServer> {
  const made = options.dataFolder === undefined ? await newFolder() : null;
  const dataFolder = options.dataFolder ?? join(made ?? "", "data");
  const nothing = join(dataFolder, "..", "no-definitions");
  await mkdir(nothing, { recursive: true });
  const port = await freePort();
  const env = {
    ...process.env,
    ...{ NODE_ENV: "production", PORT: String(port), LOG_LEVEL: "warn", SEVENSTEP_RATE_LIMIT: "0" },
    ...{ SEVENSTEP_DATA: dataFolder, SEVENSTEP_DEFINITIONS: nothing },
    DATABASE_URL: options.databaseUrl ?? "",
    ...options.environment,
  };
  const parameters = [...(options.nodeFlags ?? []), "src/cli/sevenstep.js", "serve"];
  const stdio = ["ignore", "ignore", "inherit"] as const;
  const child = withTheBench(
    spawn(process.execPath, parameters, { cwd: ROOT, env, stdio: [...stdio] }),
  );
  const closed = once(child, "close");
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    child.kill(signal);
    await closed;
  };
  const url = `http://127.0.0.1:${port}`;
  await ready(url, () => child.exitCode);
  return {
    url,
    pid: child.pid ?? 0,
    dataFolder,
    token: (claims) => tokenOf(dataFolder, claims),
    kill: () => end("SIGKILL"),
    stop: async () => {
      await end("SIGTERM");
      if (made !== null) await rm(made, { recursive: true, force: true });
    },
  };
}

export function publishBenchProcess(server: OurServer): Promise<void> {
  return publishDocument(server, document);
}

/** Over HTTP, as a designer would. */
export async function publishDocument(
  { url, token }: OurServer,
  published: JsonObject,
): Promise<void> {
  const response = await fetch(`${url}/v1/definitions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await token(ADMIN)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(published),
  });
  if (!response.ok) throw new Error(`publishing: ${response.status} ${await response.text()}`);
}

async function ready(url: string, exitCode: () => number | null): Promise<void> {
  const end = performance.now() + START_MS;
  while (performance.now() < end) {
    if (exitCode() !== null) throw new Error(`the server ended with ${exitCode()}: see above`);
    const isReady = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    await sleep(POLL_MS);
  }
  throw new Error(`the server was not ready within ${START_MS} ms`);
}

async function tokenOf(dataFolder: string, claims: TokenClaims): Promise<string> {
  const key = await existingTokenKey(dataFolder);
  if (key === null) throw new Error(`expected a server to have run in ${dataFolder}`);
  const issuedAt = Math.floor(Date.now() / 1000);
  return mintToken(key, claims, { issuedAt, expiresAt: issuedAt + TOKEN_TTL_S });
}

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "sevenstep-bench-"));
}
