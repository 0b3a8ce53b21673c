/** `sevenstep demo` survives its server and itself: the story goes on where it was, and is told to its end. */

import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../support/databases.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { freePort, LAUNCHER, launched, run, startServer } from "./running-server.ts";
import type { Finished, RunningServer, Variables } from "./running-server.ts";

const END = /The end: completed\. (\d+) history entries, replayed and verified\./;

describe.each(["pglite", "postgres"] as const)("sevenstep demo (%s)", (kind) => {
  let variables: Variables = {};
  let server: RunningServer;
  let clean: () => Promise<void>;
  /** The story that nothing disturbs, and its number of entries. */
  let undisturbed: Finished;
  let entries = "";

  beforeAll(async () => {
    const folder = await temporaryFolder("demo");
    const database = kind === "postgres" ? await createDatabase() : null;
    variables = {
      SEVENSTEP_DATA: folder,
      // The server comes back where it was.
      PORT: String(await freePort()),
      ...(database === null ? {} : { DATABASE_URL: database.url }),
    };
    clean = async () => database?.drop();
    server = await startServer(variables);
    undisturbed = await run(["demo", "--speed", "max", "--lang", "zh"], variables);
    entries =
      /结束：completed。共 (\d+) 条历史记录，已重放并验证/.exec(undisturbed.stdout)?.[1] ?? "";
  });
  afterEach(async () => {
    if (server.process.exitCode !== null || server.process.signalCode !== null) {
      server = await startServer(variables);
    }
  });
  afterAll(async () => {
    await server.end("SIGKILL");
    await clean();
  });

  test("tells the good story to its end, with what the customer reads", () => {
    const { code, stdout, stderr } = undisturbed;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("王芳，您的车已交到我们手中");
    expect(stdout).toContain("PASS_CHECK 被拒绝（理应如此）：separation-violated");
    expect(Number(entries)).toBeGreaterThan(50);
  });

  test("goes on after kill -9 of the server, with nothing lost and nothing twice", async () => {
    const demo = tell(["--speed", "36000", "--max-pause", "0.1"], variables);
    await demo.line(/Work on your/);
    await server.end("SIGKILL");
    await demo.line(/no answer from/);
    server = await startServer(variables);
    expect(await demo.ended).toBe(0);
    expect(demo.output()).toMatch(/the server is back/);
    expect(END.exec(demo.output())?.[1]).toBe(entries);
    // What was read again was not printed again.
    const times = demo
      .output()
      .split("\n")
      .filter((line) => /^\d\d:\d\d  /.test(line));
    expect(times).toHaveLength(Number(entries));
  });

  test("is taken up again where it was left, in another process", async () => {
    const first = tell(["--speed", "36000", "--max-pause", "0.1"], variables);
    const order = await first.line(/work order ([0-9a-f-]{36})/);
    await first.line(/Greet/);
    first.kill();
    await first.ended;
    const second = await run(["demo", "--resume", "--speed", "max"], variables);
    expect([second.code, second.stderr]).toEqual([0, ""]);
    expect(second.stdout).toContain(`going on with work order ${order[1]}`);
    expect(END.exec(second.stdout)?.[1]).toBe(entries);
    const third = await run(["demo", "--resume"], variables);
    expect([third.code, third.stderr]).toEqual([1, "error: no demo of this story is open\n"]);
  });
});

interface Telling {
  readonly output: () => string;
  readonly line: (pattern: RegExp) => Promise<RegExpMatchArray>;
  readonly ended: Promise<number | null>;
  readonly kill: () => void;
}

function tell(args: readonly string[], variables: Variables): Telling {
  const child = launched([LAUNCHER, "demo", ...args], variables);
  child.stderr.pipe(process.stderr);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close").then(() => child.exitCode);
  const line = async (pattern: RegExp): Promise<RegExpMatchArray> => {
    for (;;) {
      const found = lines.map((each) => pattern.exec(each)).find((each) => each !== null);
      if (found !== undefined && found !== null) return found;
      if (child.exitCode !== null)
        throw new Error(`the demo ended without ${pattern}:\n${lines.join("\n")}`);
      await Promise.race([once(reader, "line"), ended]);
    }
  };
  return { output: () => lines.join("\n"), line, ended, kill: () => child.kill("SIGKILL") };
}
