/** A server in a process of its own, as an operator starts it: through the launcher, by the environment. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { codeCache } from "../support/code-cache.ts";
import { withTheFile } from "../support/with-the-file.ts";

export const LAUNCHER = new URL("../../src/cli/sevenstep.js", import.meta.url).pathname;
const ROOT = new URL("../..", import.meta.url).pathname;

export interface Variables {
  readonly [name: string]: string;
}

export interface RunningServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** Every log line so far, as data. */
  readonly log: readonly LogLine[];
  /** @returns its exit code; null when the signal itself ended it */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The variables of this very run must not reach the server. */
function environment(variables: Variables): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "" } = process.env;
  const own = { LANG: "en_US.UTF-8", HOST: "127.0.0.1", PORT: "0" };
  return { PATH, HOME, ...own, ...codeCache, ...variables };
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  variables: Variables = {},
  nodeArgs: readonly string[] = [],
): Promise<Finished> {
  const child = launched([...nodeArgs, LAUNCHER, ...args], variables);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode ?? once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

/** Starts a server, and waits until it says where it listens. */
export async function startServer(variables: Variables): Promise<RunningServer> {
  const starting = launchServer(variables);
  const url = await Promise.race([starting.listening, starting.gone]);
  if (url === null) throw new Error(`the server did not start: ${await starting.complaints}`);
  return { ...starting, url };
}

export interface StartingServer extends Omit<RunningServer, "url"> {
  readonly listening: Promise<string>;
  readonly gone: Promise<null>;
  readonly complaints: Promise<string>;
}

export function launchServer(variables: Variables): StartingServer {
  const child = launched([LAUNCHER, "serve"], variables);
  const log: LogLine[] = [];
  const complaints = text(child.stderr);
  const gone = once(child, "exit").then(() => null);
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const entry: LogLine = JSON.parse(line);
      log.push(entry);
      if (typeof entry["url"] === "string") resolve(entry["url"]);
    });
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await gone;
    return child.exitCode;
  };
  return { process: child, log, end, listening, gone, complaints };
}

/** @param parameters of Node */
export function launched(parameters: readonly string[], variables: Variables) {
  const env = environment(variables);
  const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
  return withTheFile(spawn(process.execPath, parameters, { cwd: ROOT, env, stdio }));
}

export async function adminTokenIn(folder: string): Promise<string> {
  return (await readFile(join(folder, "admin-token"), "utf8")).trim();
}

/** A port that was free a moment ago, for a server that must come back where it was. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
