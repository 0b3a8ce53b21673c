import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../support/with-the-file.ts";
import { createConnection, type Answer } from "./connection.ts";
import { createHistogram } from "./histogram.ts";
import type { Target } from "./plan.ts";
import { runPlan } from "./run-plan.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, "close");
  }
});

/** A server of bytes: what comes is handed over, what is answered is written as it stands. */
async function listening(onRequest: (request: string, socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", (chunk: string) => onRequest(chunk, socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a TCP port");
  return address.port;
}

function asked(port: number, times = 1): Promise<readonly Answer[]> {
  const connection = createConnection("127.0.0.1", port);
  const answers: Answer[] = [];
  return new Promise((resolve) => {
    const next = (): void => {
      connection.send("GET / HTTP/1.1\r\n\r\n", (answer) => {
        answers.push(answer);
        if (answers.length < times) {
          next();
          return;
        }
        connection.close();
        resolve(answers);
      });
    };
    next();
  });
}

describe("a connection of the load generator", () => {
  const sized = 'HTTP/1.1 200 OK\r\nETag: "7"\r\nContent-Length: 5\r\n\r\nhello';
  const chunked = "HTTP/1.1 503 No\r\nretry-after: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const body = "3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n";

  test.each([
    ["a body of known length", sized, { status: 200, etag: "7", retryAfter: null }],
    ["a chunked body", `${chunked}${body}`, { status: 503, etag: "", retryAfter: 1 }],
    ["no body", "HTTP/1.1 204 No\r\n\r\n", { status: 204, etag: "", retryAfter: null }],
  ])(
    "reads an answer with %s, byte by byte too, and the next one after it",
    async (_, text, expected) => {
      const whole = await listening((_request, socket) => socket.write(text, "latin1"));
      expect(await asked(whole, 3)).toMatchObject([expected, expected, expected]);
      const trickling = await listening((_request, socket) => {
        void (async () => {
          for (const byte of text) {
            socket.write(byte, "latin1");
            await sleep(1);
          }
        })();
      });
      expect(await asked(trickling, 2)).toMatchObject([expected, expected]);
    },
  );

  test("says that it was cut, and connects again", async () => {
    let requests = 0;
    const port = await listening((_request, socket) => {
      requests += 1;
      if (requests === 1) socket.destroy();
      else socket.write(sized);
    });
    expect((await asked(port, 2)).map(({ status }) => status)).toEqual([0, 200]);
  });

  test("connects again where the server ends the connection after its answer", async () => {
    const closing = sized.replace("\r\n", "\r\nConnection: close\r\n");
    const port = await listening((_request, socket) => socket.end(closing));
    expect((await asked(port, 3)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe("a histogram", () => {
  test("gives every quantile within 1.6 %, or a microsecond", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 3_600_000, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (values, share) => {
          const histogram = createHistogram();
          for (const value of values) histogram.record(value);
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(values.length * share) - 1] ?? Number.NaN;
          expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(
            exact * 0.016 + 0.001,
          );
        },
      ),
    );
  });

  test("has no quantile of nothing", () => expect(createHistogram().quantile(0.5)).toBeNaN());
});

describe("a plan", () => {
  const target = (port: number): Target => ({
    ...{ host: "127.0.0.1", port, path: "/{id}", headers: { "idempotency-key": "{key}" } },
    body: '{"to":"{id}"}',
  });
  const ids = ["00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"];
  const ok = 'HTTP/1.1 200 OK\r\nETag: "2"\r\nContent-Length: 0\r\n\r\n';

  test("sends what the target says, each request under a key of its own, and logs what was acknowledged", async () => {
    const requests: string[] = [];
    const port = await listening((request, socket) => {
      requests.push(request);
      socket.write(ok);
    });
    const acknowledgements = join(await temporaryFolder("load"), "log");
    const plan = { target: target(port), ids, seconds: 0.2, warmUpSeconds: 0.1, acknowledgements };
    const result = await runPlan({ kind: "closed", clients: 2, ...plan });
    const lines = (await readFile(acknowledgements, "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(requests.length);
    expect(new Set(lines.map((line) => line.split(" ")[1])).size).toBe(lines.length);
    expect(result.accepted).toBeLessThan(requests.length);
    expect(Object.keys(result.statuses)).toEqual(["200"]);
    for (const request of requests) {
      const [head = "", body = ""] = request.split("\r\n\r\n");
      const id = /^POST \/(\S+) /.exec(head)?.[1];
      expect(body).toBe(`{"to":"${id}"}`);
      expect(head).toContain(`content-length: ${body.length}`);
    }
  });

  test("says several bodies in turn", async () => {
    const bodies: string[] = [];
    const port = await listening((request, socket) => {
      bodies.push(request.split("\r\n\r\n")[1] ?? "");
      socket.write(ok);
    });
    const body = ["{}", '{"key":"{key}"}'];
    const plan = { target: { ...target(port), body }, ids, seconds: 0.2, warmUpSeconds: 0 };
    await runPlan({ kind: "closed", clients: 1, ...plan });
    const [first, second, third] = bodies;
    expect([first, third]).toEqual(["{}", "{}"]);
    expect(second).toMatch(/^\{"key":"[\w-]{36}"\}$/);
  });

  test("lets a client that was refused come again when it was told to", async () => {
    let requests = 0;
    const port = await listening((_request, socket) => {
      requests += 1;
      socket.write("HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
    });
    const plan = { target: target(port), ids, seconds: 1.9, warmUpSeconds: 0 };
    const result = await runPlan({ kind: "closed", clients: 1, ...plan });
    expect(requests).toBe(2);
    expect(result).toMatchObject({ accepted: 0, statuses: { 503: 2 }, withRetryAfter: 2 });
  });

  test("at a constant rate charges a stall to all who were due meanwhile", async () => {
    let until = 0;
    const port = await listening((request, socket) => {
      if (request.startsWith("POST")) until ||= performance.now() + 400;
      setTimeout(() => socket.write(ok), Math.max(0, until - performance.now()));
    });
    const many = Array.from({ length: 200 }, (_, n) => String(n).padStart(36, "0"));
    const plan = { target: target(port), ids: many, seconds: 0.8, warmUpSeconds: 0 };
    const result = await runPlan({ kind: "open", perSecond: 100, connections: 1, ...plan });
    expect(result.latency.max).toBeGreaterThan(350);
    expect(result.latency.p50).toBeGreaterThan(10);
    expect(result.accepted + result.unsent).toBeGreaterThan(75);
  });
});
