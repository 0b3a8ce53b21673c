/**
 * Offers every test file one Postgres server: the one of TEST_DATABASE_URL, else one that starts when the first test
 * asks for it, so that a run without database tests pays nothing.
 */

import { once } from "node:events";
import { createServer } from "node:net";

import type { TestProject } from "vitest/node";

import { startPostgres, type PostgresServer } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Local port that answers each connection with the server's URL, or with nothing when it could not start. */
    readonly postgresPort: number;
  }
}

/** @returns what ends the server again */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_DATABASE_URL"];
  let started: Promise<PostgresServer> | null = null;
  const url = async () => {
    if (given !== undefined && given !== "") return given;
    started ??= startPostgres();
    return (await started).url;
  };
  const desk = createServer((socket) => {
    socket.on("error", () => {});
    url().then(
      (text) => socket.end(text),
      (error: unknown) => {
        console.error(error);
        socket.destroy();
      },
    );
  }).listen(0, "127.0.0.1");
  await once(desk, "listening");
  const address = desk.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP port");
  project.provide("postgresPort", address.port);
  return async () => {
    desk.close();
    await (await started)?.stop();
  };
}
