/** The composition root: builds the server from the environment, starts it, and ends it in good order. */

import { setTimeout as sleep } from "node:timers/promises";
import { destination } from "pino";
import type { DestinationStream, Logger } from "pino";
import { createRebuild } from "./audit/rebuild.ts";
import { banner, type Standing } from "./cli/banner.ts";
import type { Begun } from "./cli/begin.ts";
import { edgeOf } from "./cli/edge-of.ts";
import type { Environment } from "./cli/environment.ts";
import { fourEyesIn } from "./cli/four-eyes.ts";
import { gatheredLines } from "./cli/gathered-lines.ts";
import { createLog } from "./cli/log.ts";
import { productVersion } from "./cli/product-version.ts";
import { runProgram } from "./cli/program.ts";
import { publishFolder } from "./cli/publish-folder.ts";
import { processTerminal } from "./cli/terminal.ts";
import type { Terminal } from "./cli/terminal.ts";
import { cliLanguage } from "./cli/words.ts";
import { createApp } from "./http/app.ts";
import type { Stage } from "./http/context.ts";
import { createDoor } from "./http/door.ts";
import { adminToken, tokenKey, type AdminToken } from "./http/data-folder.ts";
import { listen } from "./http/listen.ts";
import { createMetrics } from "./http/metrics.ts";
import { createPlaces } from "./http/places.ts";
import { oidcReader } from "./http/oidc.ts";
import { readerOf } from "./http/read-token.ts";
import { tokenReader, type TokenReader } from "./http/token.ts";
import { checkpointFileAt } from "./keys/checkpoint-file.ts";
import { logKeyFile } from "./keys/log-key-file.ts";
import { openKeystore } from "./keys/open-keystore.ts";
import { createEngine } from "./runtime/create-engine.ts";
import type { Engine } from "./runtime/engine.ts";
import type { Keystore } from "./runtime/keystore.ts";
import type { CheckpointFile, LogKeeping } from "./runtime/log-keeping.ts";
import { checkStanding } from "./runtime/log-standing.ts";
import { observedStore } from "./runtime/observed-store.ts";
import { untraced } from "./runtime/observing.ts";
import { systemClock, systemRandom } from "./runtime/platform.ts";
import { tieKeystore } from "./runtime/tie-keystore.ts";
import { createOutlet } from "./runtime/webhook-outlet.ts";
import { StoreUnavailable } from "./store/errors.ts";
import type { ClaimedFolder } from "./store/claim-folder.ts";
import { openStore } from "./store/open.ts";
import { openReplica } from "./store/replica.ts";
import type { Ports as StorePorts, Store } from "./store/store.ts";

/** Less than the ten seconds in which a stop is promised. What draining leaves of it, closing the database may take. */
const STOP_MS = 9_500;
const DRAIN_MS = 8_000;
const RETRY_MS = 1_000;
const MAX_CONCURRENT = 1_000;

export async function run(args: readonly string[], begun: Begun): Promise<void> {
  await runProgram(args, processTerminal(), {
    version: await productVersion(),
    serve: (environment, terminal) => serve(environment, terminal, begun),
  });
}

async function serve(environment: Environment, terminal: Terminal, begun: Begun): Promise<void> {
  const { judges, judge, claimed } = begun;
  const { dataFolder, definitionsFolder, archive } = environment;
  const isTty = process.stdout.isTTY;
  const level = environment.logLevel ?? (isTty ? "warn" : "info");
  const log = createLog(level, standardOutput());
  for (const name of environment.unknown) log.warn({ name }, "unknown variable; misspelt?");

  let stage: Stage = "starting";
  const stop = signalled();
  const key = await tokenKey(dataFolder);
  const admin = await adminToken(dataFolder, key, Date.now());
  const ports = { rebuild: createRebuild(), log };
  const { store, reading } = await openStores(environment, claimed, ports);
  const { metrics, traces, ...watch } = await watched(store, environment);
  const keystore = openKeystore(environment.keystore);
  const logKeeping = logKeepingOf(environment);
  const engine = createEngine({
    ...{ judge, store: watch.store, clock: systemClock, random: systemRandom, log },
    ...{ secret: key, keystore, logKeeping, fourEyes: fourEyesIn(environment.fourEyes) },
    outlet: createOutlet({ allowed: environment.webhookAllow }),
    ...(archive === null ? {} : { archive }),
    ...reading,
  });
  const http = {
    engine,
    log,
    readToken: tokensOf(environment, key, engine),
    ...{ metrics, ...traces },
    version: await productVersion(),
    stage: () => stage,
    clock: systemClock,
    stopping: stop,
    places: createPlaces({ max: MAX_CONCURRENT }),
    edge: edgeOf(environment),
  };
  const where = { ...environment, door: createDoor(http) };
  const server = await orElse(listen(createApp(http), where), store.close);
  const processes = await orElse(
    prepared({ store, keystore, engine, file: logKeeping.file }, definitionsFolder, log, stop),
    async () => {
      await server.drain(0);
      await Promise.all([store.close(), keystore.close()]);
    },
  );
  if (processes !== null) {
    engine.start();
    stage = "serving";
    tellStanding({ url: server.url, database: store.kind, processes }, admin, terminal, log);
    await aborted(stop);
  }

  stage = "stopping";
  log.info({}, "stopping: requests under way are answered");
  const stoppingAt = performance.now();
  const drained = await server.drain(DRAIN_MS);
  const leftMs = STOP_MS - (performance.now() - stoppingAt);
  const closed = await within(
    leftMs,
    engine.stop().then(store.close).then(keystore.close).then(watch.stop).then(judges.close),
  );
  log.info({ drained, closed }, "stopped");
  process.exit(drained && closed ? 0 : 1);
}

/** Lines that wait are written by `process.exit` and at an end of the process's own, too. */
function standardOutput(): DestinationStream {
  const output = destination({ sync: true });
  return gatheredLines({
    write: (text) => output.write(text),
    later: (work, ms) => setTimeout(work, ms).unref(),
    atEnd: (work) => process.on("exit", work),
  });
}

/** To whoever looks on, or into the log: that is kept for long and read by many, so it says where the token is, and never the token. */
function tellStanding(
  standing: Pick<Standing, "url" | "database" | "processes">,
  { token, path }: AdminToken,
  terminal: Terminal,
  log: Logger,
): void {
  if (process.stdout.isTTY) {
    const told = { ...standing, adminToken: token, adminTokenPath: path };
    terminal.write(banner(told, cliLanguage(terminal)));
  } else {
    log.info({ ...standing, adminTokenFile: path }, `listening on ${standing.url}`);
  }
}

/** What of the log lies outside the database. */
function logKeepingOf({ logFiles }: Environment): LogKeeping {
  return { signer: logKeyFile(logFiles.key), file: checkpointFileAt(logFiles.checkpoints) };
}

/** Whose tokens are believed: this server's own, API keys', and those of the issuer that the operator named. */
function tokensOf({ oidc }: Environment, key: Uint8Array, { keyHolder }: Engine): TokenReader {
  const readers = { own: tokenReader(key), keyHolder };
  if (oidc === undefined) return readerOf(readers);
  const read = oidcReader(oidc, { fetch, nowMs: Date.now });
  return readerOf({ ...readers, oidc: { issuer: oidc.issuer, read } });
}

/** The store, and its replica where there is one: both close together. */
async function openStores(
  environment: Environment,
  claimed: Promise<ClaimedFolder> | undefined,
  ports: StorePorts,
) {
  const { databaseUrl, replicaUrl } = environment;
  const store = await openStore({ ...environment, claimed, ports });
  if (databaseUrl === undefined || replicaUrl === undefined) return { store, reading: {} };
  const replica = openReplica({ primaryUrl: databaseUrl, replicaUrl, ports });
  const close = async (): Promise<void> => {
    await Promise.all([store.close(), replica.close()]);
  };
  return { store: { ...store, close }, reading: { replica } };
}

/** The store with those who count and, where they are asked for, trace what goes through it. */
async function watched(store: Store, { tracesUrl: url }: Environment) {
  const { backlog, connections } = store;
  const metrics = createMetrics({ backlog, connections, nowMs: () => performance.now() });
  const { observe } = metrics;
  const stop = (): Promise<void> => Promise.resolve();
  if (url === undefined) {
    return { metrics, store: observedStore(store, observe, untraced), traces: {}, stop };
  }
  const { createTracing } = await import("./http/tracing.ts");
  const tracing = createTracing({ url, version: await productVersion() });
  return {
    metrics,
    store: observedStore(store, observe, tracing.trace),
    traces: { traces: tracing.requests },
    stop: tracing.stop,
  };
}

/** Leaves nothing open behind a start that failed. */
async function orElse<T>(work: Promise<T>, undo: () => Promise<void>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await undo();
    throw error;
  }
}

interface Preparing {
  readonly store: Store;
  readonly keystore: Keystore;
  readonly engine: Engine;
  readonly file: CheckpointFile;
}

/** Waits for a database or keystore that is down as long as it takes. @returns null when the server was told to stop meanwhile */
async function prepared(
  { store, keystore, engine, file }: Preparing,
  folder: string,
  log: Logger,
  stop: AbortSignal,
): Promise<readonly string[] | null> {
  while (!stop.aborted) {
    try {
      // Both wait for disks; whatever is wrong with the keystore is met when it is tied.
      keystore.prepare().catch(() => {});
      await store.migrate();
      await tieKeystore(keystore, store.keystore);
      await checkStanding(store.log, file);
      return await publishFolder(engine, folder, log);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      log.warn({ err: error }, "waiting for the database or the keystore");
      await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return null;
}

/** Aborts at the first signal; further ones change nothing, because the end is already under way. */
function signalled(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());
  return stop.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}

async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(timeoutMs, false, { ref: false })]);
}
