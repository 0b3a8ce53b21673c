/** The way out, over real sockets: one bounded attempt, to the address that was judged and to no other. */

import { createServer } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { createOutlet, type Resolve } from "../../src/runtime/webhook-outlet.ts";
import { allowedTarget, isAllowedAddress, urlRefusal } from "../../src/runtime/webhook-target.ts";
import { listener, type Listener } from "../support/webhook-receiver.ts";
import { endsWithin } from "../support/in-time.ts";

const never = new AbortController().signal;
const loopback = allowing("127.0.0.0/8");

function allowing(...texts: readonly string[]) {
  return texts.map((text) => {
    const target = allowedTarget(text);
    if (target === null) throw new Error(`expected a target, found ${text}`);
    return target;
  });
}

function asked(url: string, timeoutMs = 5_000) {
  return { url, headers: { "content-type": "text/plain" }, body: "hello", timeoutMs };
}

describe("the way out", () => {
  const listeners: Listener[] = [];
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((each) => each.close()));
  });
  const listening = async (...given: Parameters<typeof listener>): Promise<Listener> => {
    const each = await listener(...given);
    listeners.push(each);
    return each;
  };

  test("posts the body once and gives the status and Retry-After", async () => {
    const there = await listening((response) =>
      response.writeHead(503, { "retry-after": "120" }).end("busy"),
    );
    const { deliver } = createOutlet({ allowed: loopback });
    expect(await deliver(asked(there.url), never)).toEqual({
      ...{ kind: "answered", status: 503, retryAfter: "120" },
    });
    expect(there.requests.map(({ body }) => body)).toEqual(["hello"]);
  });

  test("follows no redirect", async () => {
    const secret = await listening((response) => response.end("metadata"));
    const there = await listening((response) =>
      response.writeHead(307, { location: secret.url }).end(),
    );
    const { deliver } = createOutlet({ allowed: loopback });
    expect(await deliver(asked(there.url), never)).toMatchObject({ status: 307 });
    expect(secret.requests).toEqual([]);
  });

  test("gives up on an endpoint that never answers, when its time is over", async () => {
    const there = await listening(() => {});
    const { deliver } = createOutlet({ allowed: loopback });
    const outcome = deliver(asked(there.url, 200), never);
    expect(await endsWithin(1_000, () => outcome)).toBe(true);
    expect(await outcome).toEqual({ kind: "failed", fault: "timed-out" });
  });

  test("takes the status of an answer whose body never ends, and reads no more than it must", async () => {
    const chunk = Buffer.alloc(65_536);
    let written = 0;
    const there = await listening((response) => {
      response.writeHead(200);
      const more = (): void => {
        written += chunk.length;
        if (!response.destroyed) response.write(chunk, () => setImmediate(more));
      };
      more();
    });
    const { deliver } = createOutlet({ allowed: loopback });
    expect(await deliver(asked(there.url), never)).toMatchObject({ status: 200 });
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  test("takes the status of an answer whose body drips, when its time is over", async () => {
    const there = await listening((response) => void response.writeHead(202).write("."));
    const { deliver } = createOutlet({ allowed: loopback });
    expect(await deliver(asked(there.url, 200), never)).toMatchObject({ status: 202 });
  });

  test.each([
    ["a cut connection", ""],
    ["what is no HTTP", "220 mail.example ESMTP\r\n"],
    ["headers without an end", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(100_000)}`],
  ])("calls %s a failed connection", async (_what, answer) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { deliver } = createOutlet({ allowed: loopback });
    const outcome = await deliver(asked(`http://127.0.0.1:${port}/`), never);
    expect(outcome).toEqual({ kind: "failed", fault: "connection-failed" });
    server.close();
  });

  test("says that a server without a certificate that it believes is none to talk to", async () => {
    const there = await listening((response) => response.end());
    const { deliver } = createOutlet({ allowed: loopback });
    const outcome = await deliver(asked(there.url.replace("http:", "https:")), never);
    expect(outcome).toEqual({ kind: "failed", fault: "tls-failed" });
  });

  test("stops when it is told to", async () => {
    const there = await listening(() => {});
    const { deliver } = createOutlet({ allowed: loopback });
    const stop = new AbortController();
    const outcome = deliver(asked(there.url), stop.signal);
    setTimeout(() => stop.abort(), 50);
    expect(await outcome).toEqual({ kind: "failed", fault: "stopped" });
  });

  test.each([
    ["127.0.0.1"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["0.0.0.0"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["fd00::1"],
  ])("asks nothing of a name that leads to %s", async (address) => {
    const there = await listening((response) => response.end());
    const port = new URL(there.url).port;
    const family = address.includes(":") ? 6 : 4;
    const resolve: Resolve = () =>
      Promise.resolve([
        { address: "203.0.113.7", family: 4 },
        { address, family },
      ]);
    const { deliver } = createOutlet({ allowed: allowing("203.0.113.0/24"), resolve });
    const outcome = await deliver(asked(`https://innocent.example:${port}/`), never);
    expect(outcome).toEqual({ kind: "failed", fault: "target-refused" });
    expect(there.requests).toEqual([]);
  });

  test("connects to the address that was judged, and asks nobody again", async () => {
    const there = await listening((response) => response.end());
    let asks = 0;
    const resolve: Resolve = () => {
      asks += 1;
      return Promise.resolve([{ address: asks === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }]);
    };
    const { deliver } = createOutlet({ allowed: allowing("inside.example"), resolve });
    const { port } = new URL(there.url);
    expect(await deliver(asked(`http://inside.example:${port}/`), never)).toMatchObject({
      status: 200,
    });
    expect(asks).toBe(1);
    expect(there.requests[0]?.headers.host).toBe(`inside.example:${port}`);
  });

  test("asks the system itself for a name that the operator listed", async () => {
    const there = await listening((response) => response.end());
    const { deliver } = createOutlet({ allowed: allowing("localhost") });
    const url = there.url.replace("127.0.0.1", "localhost");
    expect(await deliver(asked(url), never)).toMatchObject({ status: 200 });
  });

  test("calls a name that nobody knows unresolved", async () => {
    const resolve: Resolve = () => Promise.reject(new Error("ENOTFOUND"));
    const { deliver } = createOutlet({ allowed: [], resolve });
    const outcome = await deliver(asked("https://nobody.invalid/"), never);
    expect(outcome).toEqual({ kind: "failed", fault: "name-unresolved" });
  });

  test("waits no longer for a name server than for an endpoint", async () => {
    const { deliver } = createOutlet({ allowed: [], resolve: () => new Promise(() => {}) });
    const outcome = await deliver(asked("https://slow.invalid/", 100), never);
    expect(outcome).toEqual({ kind: "failed", fault: "timed-out" });
  });
});

describe("an address", () => {
  test.each([...["8.8.8.8", "1.1.1.1", "114.114.114.114", "2606:4700:4700::1111", "2400:3200::1"]])(
    "%s is public",
    (address) => {
      expect(isAllowedAddress(address, [])).toBe(true);
    },
  );

  test.each([
    ...["0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254"],
    ...["172.16.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"],
    ...["198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
    ...["::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
    ...["64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1"],
    ...["fe80::1", "fec0::1", "ff02::1", "4000::1"],
  ])("%s is not", (address) => {
    expect(isAllowedAddress(address, [])).toBe(false);
  });

  test("is allowed when a range holds it, however it is written", () => {
    const allowed = allowing("10.0.0.0/8", "fd00::/8", "192.168.1.7");
    for (const address of ["10.9.8.7", "::ffff:10.9.8.7", "fd12::1", "192.168.1.7"]) {
      expect(isAllowedAddress(address, allowed)).toBe(true);
    }
    for (const address of ["172.16.0.1", "192.168.1.8", "fe80::1"]) {
      expect(isAllowedAddress(address, allowed)).toBe(false);
    }
  });
});

describe("what an operator allows", () => {
  test.each(["10.0.0.0/33", "127.1", "a b", "http://x", "*", "-x", "300.1.1.1", "x_y"])(
    "is not %s",
    (text) => expect(allowedTarget(text)).toBeNull(),
  );

  test("opens `http` for what it names, and for nothing else", () => {
    const allowed = allowing("inside", "127.0.0.0/8");
    expect(urlRefusal("http://inside:8080/hook", allowed)).toBeNull();
    expect(urlRefusal("http://127.0.0.1/hook", allowed)).toBeNull();
    expect(urlRefusal("http://0x7f000001/hook", allowed)).toBeNull();
    expect(urlRefusal("http://8.8.8.8/hook", allowed)).toContain("https");
    expect(urlRefusal("http://outside.example/hook", allowed)).toContain("https");
    expect(urlRefusal("https://[::1]/hook", allowed)).toContain("public");
  });
});
