/** A worker of the typed client, against a server that is played. */

import { describe, expect, test } from "vitest";
import { createClient, JobError } from "../../src/client/client.ts";

const JOB = {
  id: "01980c3e-6c1a-7000-8000-0123456789ab.1.1",
  type: "print",
  order: {
    ...{ id: "01980c3e-6c1a-7000-8000-0123456789ab", process: "letter", version: "1.0.0" },
    ...{ businessKey: null, centre: null, revision: 1 },
  },
  input: { text: "Dear Ann" },
  ...{ attempt: 1, retriesLeft: 3, leaseUntil: "2026-11-23T08:00:00.000Z", leaseToken: "secret" },
};

interface Asked {
  readonly path: string;
  readonly body: unknown;
}

/** Gives the jobs to the first claim and none to those after it; when the work is ended, the signal aborts. */
function playing(jobs: readonly object[]) {
  const asked: Asked[] = [];
  const left = [...jobs];
  const stop = new AbortController();
  const client = createClient({
    url: "http://x",
    token: "t",
    fetch: async (request) => {
      const { pathname: path } = new URL(request.url);
      const isClaim = path === "/v1/jobs/claim";
      asked.push({ path, body: await request.json() });
      if (!isClaim) stop.abort();
      return Response.json(isClaim ? { items: left.splice(0) } : { process: "letter" });
    },
  });
  return { client, asked, stop };
}

describe("the worker of a process", () => {
  test("claims jobs of that process alone, and completes each under its lease", async () => {
    const { client, asked, stop } = playing([JOB]);
    const done: string[] = [];
    await client.process("letter").work(
      "print",
      async ({ id, type, input }) => {
        done.push(`${type} ${id}`);
        return { pages: String(input["text"]).length };
      },
      { signal: stop.signal, name: "printer-1" },
    );
    expect(done).toEqual([`print ${JOB.id}`]);
    expect(asked).toMatchObject([
      {
        path: "/v1/jobs/claim",
        body: { types: ["print"], process: "letter", max: 1, worker: "printer-1" },
      },
      {
        path: `/v1/jobs/${JOB.id}/complete`,
        body: { output: { pages: 8 }, leaseToken: "secret" },
      },
    ]);
  });

  test("fails a job as its handler says", async () => {
    const { client, asked, stop } = playing([JOB]);
    const heard: unknown[] = [];
    await client
      .process("letter")
      .work("print", () => Promise.reject(new JobError("jam", "Tray 2", { retryable: false })), {
        signal: stop.signal,
        onError: (error, job) => heard.push([String(error), job?.id]),
      });
    expect(asked[1]).toEqual({
      path: `/v1/jobs/${JOB.id}/fail`,
      body: { error: { code: "jam", message: "Tray 2" }, retryable: false, leaseToken: "secret" },
    });
    expect(heard).toEqual([["JobError: Tray 2", JOB.id]]);
  });

  test("of any process names none in its claim", async () => {
    const { client, asked, stop } = playing([JOB]);
    await client.work(["print", "bind"], () => Promise.resolve({}), { signal: stop.signal });
    expect(asked[0]?.body).toEqual({
      ...{ types: ["print", "bind"], max: 1, leaseSeconds: 30, waitSeconds: 20 },
    });
  });
});
