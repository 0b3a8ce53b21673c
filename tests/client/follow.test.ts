import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { ProblemError } from "../../src/client/problem-error.ts";
import { serverSentEvents, type ServerSentEvent } from "../../src/client/server-sent-events.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function bodyOf(chunks: readonly Uint8Array[], broken = false): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    pull: (controller) => {
      const chunk = left.shift();
      if (chunk !== undefined) controller.enqueue(chunk);
      else if (broken) controller.error(new TypeError("terminated", { cause: new Error("cut") }));
      else controller.close();
    },
  });
}

async function read(chunks: readonly Uint8Array[]) {
  const events: ServerSentEvent[] = [];
  let place = {};
  const body = bodyOf(chunks);
  for await (const event of serverSentEvents(body, (heard) => (place = heard))) events.push(event);
  return { events, place };
}

describe("serverSentEvents", () => {
  test("reads names, data of several lines, ids and pauses, and passes over comments", async () => {
    const text =
      "retry: 5\n\n: hello\r\nevent: entry\r\nid: 7\r\ndata: a\r\ndata:  b\r\n\r\nid: 8\rdata\r\rdata: cut";
    expect(await read([bytes(text)])).toEqual({
      events: [
        { name: "entry", data: "a\n b" },
        { name: "message", data: "" },
      ],
      place: { lastEventId: "8", retryMs: 5 },
    });
  });

  test("reads the same however the bytes are cut", async () => {
    const line = fc.constantFrom(
      "data: 客户",
      "data: a",
      "id: 4",
      "event: x",
      ": c",
      "",
      "",
      "odd",
    );
    const stream = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")));
    await fc.assert(
      fc.asyncProperty(
        stream,
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        async (lines, sizes) => {
          const whole = bytes(lines.map(([text, end]) => text + end).join(""));
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < whole.length;) {
            const size = sizes.next().value;
            chunks.push(whole.slice(at, at + size));
            at += size;
          }
          expect(await read(chunks)).toEqual(await read([whole]));
        },
      ),
    );
  });
});

const entry = (revision: number) =>
  bytes(`event: entry\nid: ${revision}\ndata: {"revision":${revision},"type":"GO"}\n\n`);

function problem(status: number): Response {
  return new Response(
    JSON.stringify({
      status,
      code: "authentication-required",
      title: "t",
      detail: "d",
      retryable: false,
    }),
    { status, headers: { "content-type": "application/problem+json" } },
  );
}

/** Answers each connection in turn, and tells from which place it was asked. */
function following(answers: readonly (() => Response)[], after?: string) {
  const asked: (string | null)[] = [];
  const client = createClient({
    url: "http://sevenstep.test",
    token: "t",
    attempts: 1,
    fetch: (request) => {
      asked.push(request.headers.get("last-event-id"));
      const answer = answers[asked.length - 1];
      return answer === undefined ? Promise.reject(new Error("over")) : Promise.resolve(answer());
    },
  });
  const options = { order: "o", ...(after === undefined ? {} : { after }) };
  return { asked, entries: client.follow(options) };
}

async function revisions(
  entries: AsyncIterable<{ readonly entry: { readonly revision: number } }>,
) {
  const seen: number[] = [];
  for await (const { entry } of entries) seen.push(entry.revision);
  return seen;
}

describe("follow", () => {
  const retry = bytes("retry: 1\n\n");
  const over = () => new Response(null, { status: 204 });

  test("goes on after the last whole entry, through ends, cuts and servers that are away", async () => {
    const { asked, entries } = following([
      () => new Response(bodyOf([retry, entry(1), entry(2).slice(0, 30)], true)),
      () => {
        throw new TypeError("fetch failed");
      },
      () => new Response(bodyOf([entry(2), bytes("id: 3\n\n"), entry(4)])),
      over,
    ]);
    expect(await revisions(entries)).toEqual([1, 2, 4]);
    expect(asked).toEqual([null, "1", "1", "4"]);
  });

  test("begins where its reader says, and skips over places that are no entries", async () => {
    const { asked, entries } = following(
      [() => new Response(bodyOf([retry, bytes("id: 9\n\n")])), over],
      "5",
    );
    expect(await revisions(entries)).toEqual([]);
    expect(asked).toEqual(["5", "9"]);
  });

  test("throws what the server refuses", async () => {
    const { entries } = following([() => problem(401)]);
    await expect(revisions(entries)).rejects.toThrow(ProblemError);
  });

  test("names an entry that was altered", async () => {
    const { entries } = following([
      () => new Response(bodyOf([bytes('event: unreadable\ndata: {"revision":3}\n\n')])),
    ]);
    await expect(revisions(entries)).rejects.toThrow('{"revision":3}');
  });
});
