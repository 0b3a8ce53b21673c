/** `sevenstep types` as a person and as a script see it. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { typesCommand } from "../../src/cli/types.ts";
import { run } from "./fake-terminal.ts";

const SHIPPED = new URL("../../definitions/service-visit/1.0.0.yaml", import.meta.url).pathname;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-types-"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("sevenstep types", () => {
  test("writes the process by its name, with its events' titles, the same every time", async () => {
    const { code, output } = await run(typesCommand, [SHIPPED]);
    expect(code).toBe(0);
    expect(output).toContain("export interface ServiceVisit {");
    expect(output).toContain("/** Greet the customer. */");
    expect(output).toContain("readonly GREET: ServiceVisitGreetPayload;");
    expect((await run(typesCommand, [SHIPPED])).output).toBe(output);
  });

  test("writes into a file when asked, and nothing to the terminal", async () => {
    const file = join(folder, "visit.ts");
    const { output } = await run(typesCommand, [SHIPPED, "--out", file]);
    expect(output).toBe("");
    expect(await readFile(file, "utf8")).toBe((await run(typesCommand, [SHIPPED])).output);
  });

  test("keeps the names of a small process apart, whatever they are made of", async () => {
    const definition = join(folder, "odd.yaml");
    const events =
      '{ GO: { payload: { type: object, $defs: { "x y": { type: string } }, properties: { a: { $ref: "#/$defs/x%20y" } } } }, go: {} }';
    await writeFile(
      definition,
      `process: odd-one\nversion: 1.0.0\nevents: ${events}\nmachine: { initial: a, states: { a: { on: { GO: b, go: b } }, b: { type: final } } }\n`,
    );
    const { code, output } = await run(typesCommand, [definition]);
    expect(code).toBe(0);
    expect(output).toContain("readonly a?: OddOneGoPayloadXY;");
    expect(output).toContain("readonly GO: OddOneGoPayload;");
    expect(output).toContain("readonly go: OddOneGoPayload_;");
    expect(output).toContain('readonly state: "a" | "b";');
    expect(output).toContain('readonly outcome: "b";');
  });

  test("writes nothing for a definition with errors", async () => {
    const definition = join(folder, "bad.yaml");
    await writeFile(
      definition,
      "process: bad\nversion: 1.0.0\nmachine: { initial: nowhere, states: { a: {} } }\n",
    );
    const file = join(folder, "never.ts");
    const { code, output } = await run(typesCommand, [definition, "--out", file]);
    expect([code, output]).toEqual([1, ""]);
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });
});
