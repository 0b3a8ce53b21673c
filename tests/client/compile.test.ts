/** A caller's compiler, run on what `sevenstep types` wrote: right payloads compile, wrong ones don't. */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { typesCommand } from "../../src/cli/types.ts";
import { run } from "../cli/fake-terminal.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const CLIENT = join(ROOT, "src/client/client.ts");

const LETTER = `
process: letter
version: 1.0.0
data: { type: object, properties: { pages: { type: integer } } }
jobs:
  print:
    input: { type: object, required: [text], properties: { text: { type: string } } }
    output: { type: object, required: [pages], properties: { pages: { type: integer } } }
  book: { builtin: slot.reserve }
machine:
  initial: printing
  states:
    printing: { invoke: { src: print, input: { text: "a" }, onDone: booking } }
    booking: { invoke: { src: book, input: { resources: ["a"], from: "= now", to: "= now" }, onDone: done } }
    done: { type: final }
`;

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sevenstep-types-"));
  const definition = join(ROOT, "definitions/service-visit/1.0.0.yaml");
  await run(typesCommand, [definition, "--out", join(folder, "service-visit.ts")]);
  await writeFile(join(folder, "letter.yaml"), LETTER);
  await run(typesCommand, [join(folder, "letter.yaml"), "--out", join(folder, "letter.ts")]);
  const compilerOptions = {
    ...{ target: "es2024", module: "nodenext", strict: true, noEmit: true, skipLibCheck: true },
    ...{ allowImportingTsExtensions: true, exactOptionalPropertyTypes: true },
    ...{ types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] },
  };
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
});

afterAll(() => rm(folder, { recursive: true }));

/** Numbers of the statements, from 0, that the compiler refuses. */
async function refused(statements: readonly string[]): Promise<readonly number[]> {
  const frame = [
    `import { createClient } from ${JSON.stringify(CLIENT)};`,
    'import type { Letter } from "./letter.ts";',
    'import type { ServiceVisit } from "./service-visit.ts";',
    'const client = createClient({ url: "http://x", token: "t" });',
    'const visits = client.process<ServiceVisit>("service-visit");',
    'const letters = client.process<Letter>("letter");',
    "const options = { signal: new AbortController().signal };",
    'const id = "01938f6e-0000-7000-8000-00000000c0de";',
  ];
  const lines = [...frame, ...statements.map((each) => each.replaceAll("\n", " "))];
  await writeFile(join(folder, "caller.ts"), `${lines.join("\n")}\n`);
  const output = await new Promise<string>((resolve) => {
    execFile(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder], (_error, stdout) =>
      resolve(stdout),
    );
  });
  const found = [...output.matchAll(/^(?:.*\/)?caller\.ts\((\d+),/gm)];
  expect(output.split("\n").filter((line) => /^\S.*error TS/.test(line))).toHaveLength(
    found.length,
  );
  return [...new Set(found.map(([, line]) => Number(line) - 1 - frame.length))];
}

const DECISION = 'line: "L1", estimateVersion: 1, channel: "phone", origin: "13800000001"';

const RIGHT = [
  'await letters.work("print", async ({ input }) => ({ pages: input.text.length }), options);',
  'await client.process("any").work("x", async ({ input }) => ({ y: input["z"] }), options);',
  'await visits.send(id, "WALK_IN");',
  'await visits.send(id, "WALK_IN", {}, { ifMatch: 3 });',
  `await visits.send(id, "DECIDE_LINE", { ${DECISION}, decision: "approved" });`,
  'const revision: number = await visits.move(id, "WALK_IN", {}, { ifMatch: 3 }); void revision;',
  'await visits.preview(id, "ANSWER_SURVEY", { score: 9 });',
  "const model: string = (await visits.get(id)).data.vehicle.model; void model;",
  "const state = (await visits.get(id)).items.addOns[0]?.state; void state;",
  'await visits.create({ customer: { name: "Ann", phone: "1" }, vehicle: { plate: "A", vin: "V", model: "M" } });',
];

const WRONG = [
  'await letters.work("print", async () => ({}), options);',
  'await letters.work("print", async () => ({ pages: "2" }), options);',
  'await letters.work("print", async ({ input }) => ({ pages: input.length }), options);',
  'await letters.work("print", async () => ({ pages: 2 }));',
  'await letters.work("bind", async () => ({ pages: 2 }), options);',
  'await letters.work("book", async () => ({}), options);',
  'await visits.send(id, "WALK_OUT");',
  'await visits.send(id, "DECIDE_LINE");',
  `await visits.send(id, "DECIDE_LINE", { ${DECISION} });`,
  `await visits.move(id, "DECIDE_LINE", { ${DECISION} });`,
  `await visits.send(id, "DECIDE_LINE", { ${DECISION}, decision: "perhaps" });`,
  `await visits.send(id, "DECIDE_LINE", { ${DECISION}, decision: "approved", more: 1 });`,
  'await visits.send(id, "ANSWER_SURVEY", { score: "9" });',
  'await visits.send(id, "WALK_IN", { why: "rain" });',
  "const weight: number = (await visits.get(id)).data.vehicle.model; void weight;",
  'await visits.create({ customer: { name: "Ann", phone: "1" } });',
  'if ((await visits.get(id)).outcome === "forgotten") void 0;',
];

describe("the types of a definition", () => {
  test("let right payloads compile", { timeout: 60_000 }, async () => {
    expect(await refused(RIGHT)).toEqual([]);
  });

  test("let no wrong payload compile", { timeout: 60_000 }, async () => {
    expect(await refused(WRONG)).toEqual(WRONG.map((_, index) => index));
  });
});
