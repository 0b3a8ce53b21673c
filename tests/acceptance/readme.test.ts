/** The README's commands work as printed: its shell blocks run, in order, against a server that was just started. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSite, DEFINITIONS, startServer, type ServerProcess, type Site } from "./server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
/** Blocks that set up a machine, or play for minutes, have tests of their own. */
const ELSEWHERE = /npm ci|sevenstep -- demo/;

let site: Site;
let server: ServerProcess;

beforeAll(async () => {
  site = await createSite("pglite");
  server = await startServer(site, { definitions: DEFINITIONS });
}, 120_000);

afterAll(async () => {
  await server.kill();
  await site.remove();
});

test("every command of the three doors does what stands beside it", async () => {
  const readme = await readFile(`${ROOT}README.md`, "utf8");
  const blocks = [...readme.matchAll(/```sh\n(.*?)```/gs)]
    .map(([, block = ""]) => block)
    .filter((block) => !ELSEWHERE.test(block));
  expect(blocks).toHaveLength(3);
  // Only the address, the data folder and the file that is written are this test's own.
  const script = ["set -eo pipefail", ...blocks]
    .join("\n")
    .replaceAll("http://127.0.0.1:8080", server.url)
    .replaceAll("data/admin-token", `${site.dataFolder}/admin-token`)
    .replaceAll(" visit.ndjson", ` ${site.dataFolder}/visit.ndjson`)
    .replaceAll("curl -s", "curl -sS --fail-with-body");
  const { stdout } = await promisify(execFile)("bash", ["-c", script], {
    cwd: ROOT,
    env: { ...process.env, SEVENSTEP_DATA: site.dataFolder, LANG: "C.UTF-8" },
    maxBuffer: 16 * 1_024 * 1_024,
  });
  expect(stdout).toContain('"event":"WALK_IN"');
  expect(stdout).toContain("files: 0 errors, 0 warnings");
  expect(stdout).toContain("17 passed, 0 failed");
  expect(stdout).toContain("visit.ndjson: proved");
  expect(stdout).toMatch(/^ACCEPTED '01938f6e-0000-7000-8000-00000000c0de': 2 entries/m);
  expect(stdout).toContain("Every line follows from the one before it");
}, 120_000);
