import { describe, expect, test } from "vitest";
import { gatheredLines } from "../../src/cli/gathered-lines.ts";
import { createLog } from "../../src/cli/log.ts";

function gathering() {
  const written: string[] = [];
  const due: (() => void)[] = [];
  const atEnd: (() => void)[] = [];
  const log = createLog(
    "info",
    gatheredLines({
      write: (text) => written.push(text),
      later: (work) => due.push(work),
      atEnd: (work) => atEnd.push(work),
    }),
  );
  const messages = () =>
    written.map((text) => [...text.matchAll(/"msg":"(\w+)"/g)].map(([, message]) => message));
  return { log, due, atEnd, messages };
}

describe("gathered log lines", () => {
  test("go out together, a moment later", () => {
    const { log, due, messages } = gathering();
    log.info("one");
    log.info("two");
    expect(messages()).toEqual([]);
    expect(due).toHaveLength(1);
    due[0]?.();
    log.info("three");
    due[1]?.();
    expect(messages()).toEqual([["one", "two"], ["three"]]);
  });

  test("go out at once with one that warns, in their order", () => {
    const { log, due, messages } = gathering();
    log.info("one");
    log.warn("two");
    log.info("three");
    expect(messages()).toEqual([["one", "two"]]);
    for (const work of due) work();
    log.error("four");
    expect(messages()).toEqual([["one", "two"], ["three"], ["four"]]);
  });

  test("go out when the process ends, and nothing twice", () => {
    const { log, due, atEnd, messages } = gathering();
    log.info("one");
    for (const work of [...atEnd, ...due, ...atEnd]) work();
    expect(messages()).toEqual([["one"]]);
  });

  test("go out when there are many", () => {
    const { log, messages } = gathering();
    for (let n = 0; n < 300; n += 1) log.info({ filler: "x".repeat(300) }, "one");
    expect(messages()).toHaveLength(1);
  });
});
