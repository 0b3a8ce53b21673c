/**
 * After an erasure none of twenty canaries is found anywhere: not in a table, not in a file of the database, not in the
 * log, an export or an answer; and every bundle still verifies, those from before the erasure too.
 */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { existingTokenKey } from "../../src/http/data-folder.ts";
import { mintToken } from "../../src/http/token.ts";
import { openPgliteFolder } from "../../src/store/pglite.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { adminTokenIn, run, startServer } from "../cli/running-server.ts";
import type { RunningServer, Variables } from "../cli/running-server.ts";
import { startPython } from "../evidence/python.ts";
import { createDatabase } from "../support/databases.ts";
import { listener, type Listener } from "../support/webhook-receiver.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { canaries, dumped, inFiles, inTables, type Canaries } from "./canary-scan.ts";

const VISIT = `
process: canary-visit
version: 1.0.0
roles: [clerk, admin]
data:
  type: object
  required: [owner]
  properties:
    owner:
      type: object
      properties:
        name: { type: string, x-personal: true }
        phone: { type: string, x-personal: true }
        plate: { type: string, x-personal: true }
        vin: { type: string, x-personal: true }
        photo: { type: string, x-personal: true }
    words: { type: string, x-personal: true }
    found: { type: string, x-personal: true }
    why: { type: string }
events:
  SAY: { by: [clerk, admin], payload: { type: object, required: [words], properties: { words: { type: string, maxLength: 200, x-personal: true } } } }
  ADD: { item: lines, by: [clerk, admin], payload: { type: object, required: [line, about], properties: { line: { type: string }, about: { type: string, x-personal: true } } } }
  OPEN: { by: [clerk, admin], payload: { type: object, required: [line], properties: { line: { type: string } } } }
  TELL: { by: [clerk, admin], payload: { type: object, required: [news], properties: { news: { type: string, x-personal: true } } } }
effects: { notify: { payload: { type: object, properties: { text: { type: string } } } } }
items:
  lines:
    key: line
    data: { type: object, properties: { about: { type: string, x-personal: true } } }
    machine:
      initial: open
      states: { open: { on: { ADD: { actions: { type: assign, params: { about: '= event.about' } } } } } }
jobs:
  look:
    by: [clerk]
    retries: 0
    input: { type: object, properties: { words: { type: string, x-personal: true } } }
    output: { type: object, properties: { found: { type: string, x-personal: true } } }
machine:
  initial: talking
  states:
    talking:
      on:
        SAY:
          target: looking
          actions:
            - { type: assign, params: { words: '= event.words' } }
            - { type: notify, params: { text: '= event.words' } }
        OPEN: { actions: { type: open, params: { in: lines, value: '= event.line' } } }
    looking:
      invoke:
        src: look
        input: { words: '= words' }
        onDone: { target: waiting, actions: { type: assign, params: { found: '= event.output.found' } } }
    waiting: { on: { TELL: told } }
    told: { type: final }
`;

const SECONDS = 1_000;

describe.each(["pglite", "postgres"] as const)("after an erasure (%s)", (kind) => {
  const erased = canaries();
  /** Must be found: what is looked for in vain proves nothing by itself. */
  const kept = canaries();
  let folder = "";
  let variables: Variables = {};
  let server: RunningServer;
  let receiver: Listener;
  let drop = async (): Promise<void> => {};
  const tokens = new Map<string, string>();
  const bundles = new Map<string, string>();
  let orders: readonly string[] = [];
  let keyed: readonly (() => Promise<string>)[] = [];
  let logKey = "";

  interface Asked {
    readonly as?: string;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
  }
  const ask = async (path: string, { as = "admin", body, headers = {} }: Asked = {}) => {
    const response = await fetch(new URL(path, server.url), {
      method: body === undefined ? "GET" : "POST",
      headers: {
        Authorization: `Bearer ${tokens.get(as)}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text };
  };
  const done = async (path: string, asked: Asked = {}): Promise<ReturnType<typeof JSON.parse>> => {
    const { status, text } = await ask(path, asked);
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  };
  const underKey = async (path: string, asked: Asked): Promise<string> => {
    const again = { ...asked, headers: { "Idempotency-Key": randomUUID(), ...asked.headers } };
    const resend = async (): Promise<string> => (await ask(path, again)).text;
    keyed = [...keyed, resend];
    return resend();
  };
  const bundleOf = async (id: string): Promise<string> => {
    for (;;) {
      const headers = { Accept: "application/x-ndjson" };
      const { status, text } = await ask(`/v1/work-orders/${id}/evidence`, { headers });
      if (status === 200) return text;
      if (status !== 503) throw new Error(text);
    }
  };
  /** All that the server tells of these orders, to whoever may see most. */
  const told = async (): Promise<string> => {
    const paths = orders.flatMap((id) => [
      ...["", "/history?limit=500", "/at?revision=1", "/evidence"].map(
        (rest) => `/v1/work-orders/${id}${rest}`,
      ),
      `/v1/incidents?order=${id}&status=closed`,
      `/v1/jobs?order=${id}`,
    ]);
    const formats = ["ndjson", "ocel2", "xes"].map((each) => `/v1/audit/export?format=${each}`);
    const lists = ["/v1/work-orders?limit=500", "/v1/messages?limit=500", "/v1/tasks?limit=500"];
    const texts: string[] = [];
    for (const path of [...paths, ...formats, ...lists]) texts.push((await ask(path)).text);
    return texts.join("\n");
  };

  beforeAll(async () => {
    folder = await temporaryFolder("erasure");
    const database = kind === "postgres" ? await createDatabase() : null;
    if (database !== null) drop = database.drop;
    receiver = await listener((response) => response.writeHead(204).end());
    variables = {
      ...{ SEVENSTEP_DATA: folder, LOG_LEVEL: "trace", SEVENSTEP_WEBHOOK_ALLOW: "127.0.0.1" },
      ...(database === null ? {} : { DATABASE_URL: database.url }),
    };
    server = await startServer(variables);
    tokens.set("admin", await adminTokenIn(folder));
    const key = await existingTokenKey(folder);
    if (key === null) throw new Error("the server made no key");
    const issuedAt = Math.floor(Date.now() / 1000);
    for (const [sub, role] of [
      ["tom", "privacy"],
      ["ann", "clerk"],
    ] as const) {
      const claims = { sub, roles: [role], centres: "*" } as const;
      tokens.set(sub, await mintToken(key, claims, { issuedAt, expiresAt: issuedAt + 3600 }));
    }
    await done("/v1/webhooks", { body: { url: receiver.url, events: ["*"] } });
    const published = await fetch(new URL("/v1/definitions", server.url), {
      method: "POST",
      headers: {
        Authorization: `Bearer ${tokens.get("admin")}`,
        "Content-Type": "application/yaml",
      },
      body: VISIT,
    });
    if (published.status !== 201) throw new Error(await published.text());
  }, 60 * SECONDS);
  afterAll(async () => {
    await server.end("SIGKILL");
    await receiver.close();
    await drop();
  });

  const subject = erased.plant("subject");
  const owner = (flock: Canaries, no: number) => ({
    name: flock.plant(`name ${no}`),
    phone: flock.plant(`phone ${no}`),
    plate: flock.plant(`plate ${no}`),
    vin: flock.plant(`vin ${no}`),
    photo: `${"x".repeat(60_000)}${flock.plant(`photo ${no}`)}${"y".repeat(60_000)}`,
  });

  async function visit(flock: Canaries, no: number, more: object): Promise<string> {
    const body = {
      ...{ process: "canary-visit", data: { owner: owner(flock, no) }, ...more },
      businessKey: `K-${no}`,
    };
    const { id } = await done("/v1/work-orders", { body });
    return String(id);
  }

  test(
    "20 canaries have been planted wherever a person's data goes, and are told to whoever may see them",
    async () => {
      const first = await visit(erased, 1, { subject });
      const events = `/v1/work-orders/${first}/events`;
      await underKey(events, { as: "ann", body: { type: "OPEN", payload: { line: "L1" } } });
      await underKey(events, {
        as: "ann",
        body: { type: "ADD", payload: { line: "L1", about: erased.plant("item") } },
      });
      // Refused, and recorded as that: the text is too long.
      const long = `${erased.plant("refused")}${"!".repeat(300)}`;
      const said = await underKey(events, {
        as: "ann",
        body: { type: "SAY", payload: { words: long } },
      });
      expect(JSON.parse(said).code).toBe("payload-invalid");
      const words = erased.plant("said");
      await underKey(events, { as: "ann", body: { type: "SAY", payload: { words } } });
      const claim = { types: ["look"], leaseSeconds: 60 };
      const claimed = JSON.parse(await underKey("/v1/jobs/claim", { as: "ann", body: claim }));
      const [job] = claimed.items;
      expect(job.input.words).toBe(words);
      const message = erased.plant("job's failure");
      const failure = { error: { code: "lost", message }, retryable: false };
      await underKey(`/v1/jobs/${job.id}/fail`, {
        as: "ann",
        body: { ...failure, leaseToken: job.leaseToken },
      });
      const [incident] = (await done(`/v1/incidents?order=${first}`)).items;
      expect(incident.detail).toBe(message);
      await done(`/v1/incidents/${incident.id}/resolve`, {
        body: {
          reason: erased.plant("resolution"),
          output: { found: erased.plant("job's output") },
        },
      });
      const news = { news: erased.plant("kept message") };
      const kept1 = { name: "TELL", correlation: { businessKey: "K-2" }, payload: news };
      const second = await visit(erased, 2, { subject });
      await done("/v1/messages", { as: "ann", body: { ...kept1, ttlSeconds: 3600 } });
      const { id: testClock } = await done("/v1/test-clocks", { body: {} });
      const third = await visit(erased, 3, { subject, testClock });
      const other = await visit(kept, 4, { subject: kept.plant("subject") });
      // A search by what should never have been one is in no log.
      const searched = encodeURIComponent(erased.plant("searched"));
      await ask(`/v1/work-orders?businessKey=${searched}`);
      // In clear, and found by every look: the control.
      await done("/v1/work-orders", {
        body: { process: "canary-visit", data: { owner: {} }, businessKey: kept.plant("control") },
      });
      orders = [first, second, third, other];

      const all = erased.planted();
      expect(all.length).toBeGreaterThanOrEqual(20);
      const unseen = new Set(["refused", "kept message", "searched"]);
      expect(erased.namedIn(await told())).toEqual(all.filter((name) => !unseen.has(name)));
      for (const id of orders) bundles.set(id, await bundleOf(id));
      expect(erased.namedIn([...bundles.values()].join())).toContain("name 1");
      logKey = (await done("/v1/audit/log-keys")).items.at(-1).key;
    },
    120 * SECONDS,
  );

  test(
    "that one has asked for and another approved, the person is unreadable to everybody",
    async () => {
      const because = ["--reason", "Asked in writing."];
      const url = ["--url", server.url];
      const asked = await run(["erase", "--subject", subject, ...because, ...url], variables);
      expect([asked.code, asked.stderr]).toEqual([0, ""]);
      const [id = ""] = asked.stdout.split(" ");
      expect(asked.stdout).toContain("waits for approval");
      const alone = await run(["erase", "--approve", id, ...url], variables);
      expect(alone.code).toBe(1);
      const approving = ["erase", "--approve", id, ...url, "--token", tokens.get("tom") ?? ""];
      const approved = await run(approving, variables);
      expect([approved.code, approved.stderr]).toEqual([0, ""]);
      expect(approved.stdout).toContain("erased: 3 orders");
      expect(erased.namedIn(await told())).toEqual([]);
      expect(kept.namedIn(await told())).toContain("name 4");
      expect((await done(`/v1/work-orders/${id}/verify`, { body: {} })).verified).toBe(true);
    },
    120 * SECONDS,
  );

  test("a request that comes again under its key tells nothing, and does nothing", async () => {
    const before = await Promise.all(orders.map((id) => done(`/v1/work-orders/${id}`)));
    const answers = await Promise.all(keyed.map((again) => again()));
    expect(erased.namedIn(answers.join())).toEqual([]);
    expect(answers.filter((text) => text.includes('"answer-erased"'))).toHaveLength(2);
    const after = await Promise.all(orders.map((id) => done(`/v1/work-orders/${id}`)));
    expect(after.map(({ revision }) => revision)).toEqual(before.map(({ revision }) => revision));
  });

  test("what was delivered before is delivered again without it", async () => {
    const [webhook] = (await done("/v1/webhooks")).items;
    const sent = (): string => receiver.requests.map(({ body }) => body).join();
    for (;;) if (erased.namedIn(sent()).includes("name 1")) break;
    const known = receiver.requests.length;
    const path = `/v1/webhooks/${webhook.id}/deliveries`;
    const [delivery] = (await done(`${path}?order=${orders[0]}&limit=500`)).items.toReversed();
    await done(`${path}/${delivery.id}/resend`, { body: {} });
    while (receiver.requests.length === known) await new Promise((next) => setTimeout(next, 20));
    const later = receiver.requests.slice(known).map(({ body }) => body);
    expect(erased.namedIn(later.join())).toEqual([]);
  });

  test(
    "every bundle still verifies, from before the erasure and from after it, by both verifiers",
    async () => {
      const python = startPython();
      const file = join(folder, "evidence.ndjson");
      for (const id of orders) {
        for (const bundle of [bundles.get(id) ?? "", await bundleOf(id)]) {
          const verdict = await python.verify(Buffer.from(bundle), [logKey]);
          expect([verdict.accepted, verdict.said]).toEqual([true, verdict.said]);
        }
        expect((await done(`/v1/work-orders/${id}/verify`, { body: {} })).verified).toBe(true);
      }
      const args = ["evidence", orders[0] ?? "", "--url", server.url, "--token"];
      const taken = await run([...args, tokens.get("admin") ?? "", "--out", file], variables);
      expect([taken.code, taken.stderr]).toEqual([0, taken.stderr]);
      const verified = await run(["verify", file, "--key", logKey], variables);
      expect([verified.code, verified.stdout]).toEqual([0, verified.stdout]);
      expect(erased.namedIn(await readFile(file, "utf8"))).toEqual([]);
      await python.stop();
    },
    120 * SECONDS,
  );

  test(
    "none is in a table, in a live file of the database or the data folder, or in the log",
    async () => {
      expect(erased.isIn(Buffer.from(JSON.stringify(server.log)))).toBe(false);
      expect(server.log.length).toBeGreaterThan(50);
      expect(await server.end("SIGTERM")).toBe(0);
      const database =
        kind === "postgres"
          ? openPostgres(variables["DATABASE_URL"] ?? "")
          : await openPgliteFolder(folder);
      const tables = await inTables(erased, database);
      expect(tables.found).toEqual([]);
      expect((await inTables(kept, database)).found).toContain("orders");
      await sql`checkpoint`.execute(database.db);
      const { rows } = await sql<{ readonly folder: string }>`
      select setting as folder from pg_settings where name = 'data_directory'`.execute(database.db);
      await database.close();
      const dump = kind === "postgres" ? await dumped(variables["DATABASE_URL"] ?? "") : null;
      if (dump !== null) expect([erased.isIn(dump), kept.isIn(dump)]).toEqual([false, true]);
      const folders = kind === "postgres" ? [folder, rows[0]?.folder ?? ""] : [folder];
      let [files, bytes] = [0, 0];
      const seen: string[] = [];
      for (const each of folders) {
        const looked = await inFiles(erased, each);
        expect(looked.found).toEqual([]);
        files += looked.files;
        bytes += looked.bytes;
        seen.push(...(await inFiles(kept, each)).found);
      }
      expect(seen).not.toEqual([]);
      console.log(
        `erasure (${kind}): ${erased.planted().length} canaries, none in ${tables.rows} rows of ${tables.tables} tables, ${files} files of ${Math.round(bytes / 2 ** 20)} MB, ${server.log.length} log lines, ${dump === null ? "no" : "a"} pg_dump; the control is in ${seen.length} files`,
      );
    },
    120 * SECONDS,
  );
});
