/** The sandbox keeps a virtual clock, and notices when the pure core breaks a promise. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { judge } from "../../machines/compile/judge.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import { createSandbox, type Sandbox } from "../../src/design/sandbox.ts";
import { createVault } from "../../src/design/vault.ts";

const IDENTITY = { id: "o-1", businessKey: null, centre: null };
const ANN = { sub: "ann", role: "customer", centre: null };
const LEE = { sub: "lee", role: "technician", centre: null };

function executableOf(name: string): Executable {
  const text = readFileSync(new URL(`fixtures/${name}.yaml`, import.meta.url), "utf8");
  const { executable, findings } = judge(text, "yaml");
  if (executable === null) throw new Error(JSON.stringify(findings));
  return executable;
}

function sandboxOf(executable: Executable, stepping = executable): Sandbox {
  const watch = { executable: stepping, saw: () => {} };
  return createSandbox(executable, createVault("seed"), "2026-11-23T00:00:00.000Z", watch);
}

describe("createSandbox", () => {
  test("fires each timer at its own instant, the earliest first", () => {
    const sandbox = sandboxOf(executableOf("traffic-light"));
    sandbox.start(IDENTITY, {}, { ...ANN, role: "warden" });
    const { stepped } = sandbox.moveTo("2026-11-23T00:02:00.000Z");
    expect(stepped.map(({ order }) => order.at.slice(14, 19))).toEqual([
      "00:30",
      "00:55",
      "01:00",
      "01:30",
      "01:55",
      "02:00",
    ]);
    expect(sandbox.now()).toBe("2026-11-23T00:02:00.000Z");
  });

  test("never moves the clock back", () => {
    const sandbox = sandboxOf(executableOf("traffic-light"));
    sandbox.moveTo("2026-11-22T00:00:00.000Z");
    expect(sandbox.now()).toBe("2026-11-23T00:00:00.000Z");
  });

  test("lets no personal value into the order", () => {
    const sandbox = sandboxOf(executableOf("approval"));
    sandbox.start(IDENTITY, { name: "Ann Personal" }, ANN);
    sandbox.send("PROPOSE", { line: "L1", price: 1, note: "Private Note" }, LEE);
    const text = JSON.stringify(sandbox.order());
    expect(text).toMatch(/"name":"sealed:[0-9a-f]{64}"/);
    expect(text).not.toMatch(/Personal|Private/);
  });

  test("leaves the order as it was when an event is refused", () => {
    const sandbox = sandboxOf(executableOf("approval"));
    sandbox.start(IDENTITY, { name: "Ann" }, ANN);
    sandbox.send("PROPOSE", { line: "L1", price: 1 }, LEE);
    const before = sandbox.order();
    for (const [type, payload] of [
      ["CLOSE", {}],
      ["PROPOSE", { line: "L1", price: 1 }],
      ["PROPOSE", { line: "L2", price: "1" }],
      ["NO_SUCH", {}],
      ["timer.fired", { timer: "none" }],
    ] as const) {
      const turn = sandbox.send(type, payload, LEE);
      expect(turn.rejected, type).not.toBeNull();
      expect(turn.stepped, type).toEqual([]);
      expect(sandbox.order(), type).toBe(before);
    }
  });

  test("tells its watcher nothing of an event whose payload was refused before it was tried", () => {
    const executable = executableOf("reservation");
    const results: string[] = [];
    const watch = {
      executable,
      saw: (_: unknown, event: { type: string } | null) => results.push(event?.type ?? "start"),
    };
    const sandbox = createSandbox(
      executable,
      createVault("seed"),
      "2026-11-23T00:00:00.000Z",
      watch,
    );
    sandbox.start(IDENTITY, {}, ANN);
    const end = (bay: string | number) =>
      sandbox.endJob({ type: "reserve-bay", item: null, end: { output: { bay } } });
    expect(end(1).rejected).toMatchObject({
      code: "payload-invalid",
      errors: [{ pointer: "/output/bay" }],
    });
    expect(end("B1").rejected).toBeNull();
    expect(results).toEqual(["start", "job.completed"]);
  });

  test("notices an order that its JSON text would change", () => {
    const executable = executableOf("traffic-light");
    const data = {
      ...executable.data,
      withDefaults: () => ({ rounds: Number.NaN }),
      sealed: () => [],
    };
    const turn = sandboxOf(executable, { ...executable, data }).start(IDENTITY, {}, ANN);
    expect(turn.breaches).toEqual([{ kind: "lossy", pointer: "/snapshot/data/rounds" }]);
  });

  test("notices a step that changes the order that it was given", () => {
    const executable = executableOf("traffic-light");
    const stop = executable.events.get("STOP");
    if (stop === undefined) throw new Error("There is no STOP.");
    const sealed = () => {
      Object.assign(sandbox.order()?.snapshot.data ?? {}, { rounds: 7 });
      return [];
    };
    const events = new Map(executable.events);
    events.set("STOP", { ...stop, payload: { ...stop.payload, sealed } });
    const sandbox = sandboxOf(executable, { ...executable, events });
    sandbox.start(IDENTITY, {}, { ...ANN, role: "warden" });
    const turn = sandbox.send("STOP", {}, { ...ANN, role: "warden" });
    expect(turn.breaches).toEqual([{ kind: "mutated", pointer: "" }]);
  });
});
