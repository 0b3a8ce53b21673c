/** Gives every test file one Postgres server: the one of TEST_DATABASE_URL, else one started for this run. */

import type { TestProject } from "vitest/node";

import { startPostgres } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of a database on the server, as a user who may create databases. */
    readonly postgresUrl: string;
  }
}

/** @returns what ends the server again */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given !== undefined && given !== "") {
    project.provide("postgresUrl", given);
    return async () => {};
  }
  const server = await startPostgres();
  project.provide("postgresUrl", server.url);
  return server.stop;
}
