/** Words between servers by LISTEN and NOTIFY, on one connection of their own that is made anew whenever it breaks. */

import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";

import type { Signals } from "./contracts/signals.ts";

const CHANNEL = "sevenstep";
const CONNECT_TIMEOUT_MS = 900;
const QUERY_TIMEOUT_MS = 2_000;
/** A server that vanished without a word is noticed by then. */
const CHECK_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;

export function postgresSignals(config: pg.ClientConfig): Signals {
  let connected: pg.Client | null = null;
  return {
    send: async (words) => {
      await connected?.query(
        `select pg_notify('${CHANNEL}', word) from unnest($1::text[]) as word`,
        [[...words]],
      );
    },
    listen: (heard) => {
      const stopping = new AbortController();
      const { signal } = stopping;
      const running = keepListening({
        ...{ config, heard, signal },
        use: (client) => {
          connected = client;
        },
      });
      return {
        stop: async () => {
          stopping.abort();
          await running;
        },
      };
    },
  };
}

interface Keeping {
  readonly config: pg.ClientConfig;
  readonly heard: (word: string | null) => void;
  readonly signal: AbortSignal;
  /** Told of each connection, and of null when it is gone. */
  readonly use: (client: pg.Client | null) => void;
}

async function keepListening({ config, heard, signal, use }: Keeping): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const connection = await connect(config, heard);
    if (connection !== null) {
      failures = 0;
      const { client, broken } = connection;
      use(client);
      heard(null);
      await whileWell(client, broken, signal);
      use(null);
      await client.end().catch(() => undefined);
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS);
    failures += 1;
    await pause(pauseMs, signal);
  }
}

interface Connection {
  readonly client: pg.Client;
  /** Aborts when the connection is lost. */
  readonly broken: AbortSignal;
}

/** @returns null when the database can't be reached now */
async function connect(
  config: pg.ClientConfig,
  heard: (word: string) => void,
): Promise<Connection | null> {
  const broken = new AbortController();
  const client = new pg.Client({
    ...config,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on("error", () => broken.abort());
  client.on("end", () => broken.abort());
  client.on("notification", ({ payload }) => heard(payload ?? ""));
  try {
    await client.connect();
    // A word needs no place on the disk, and NOTIFY would wait for one.
    await client.query(`set synchronous_commit = off; listen ${CHANNEL}`);
    return { client, broken: broken.signal };
  } catch {
    await client.end().catch(() => undefined);
    return null;
  }
}

/** Resolves when the connection is lost or does not answer, or the signal aborts. */
async function whileWell(
  client: pg.Client,
  broken: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const over = AbortSignal.any([broken, signal]);
  while (!over.aborted) {
    await pause(CHECK_MS, over);
    if (over.aborted) return;
    try {
      await client.query("select 1");
    } catch {
      return;
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
