/** The auditor's handbook works as printed: its shell blocks run, in order, against a server that was just started. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSite, DEFINITIONS, startServer, type ServerProcess, type Site } from "./server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const ORDER = "01938f6e-0000-7000-8000-00000000a0d1";

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

async function blocksOf(language: "en" | "zh"): Promise<readonly string[]> {
  const text = await readFile(`${ROOT}src/http/pages/handbook.${language}.md`, "utf8");
  return [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
}

/** Runs the blocks with a line between two of them. */
async function run(blocks: readonly string[]): Promise<readonly string[]> {
  // Only the address and the data folder are this test's own.
  const script = ["set -eo pipefail", ...blocks]
    .join("\necho ---8---\n")
    .replaceAll("http://127.0.0.1:8080", server.url)
    .replaceAll("curl -s", "curl -sS --fail-with-body");
  const { stdout } = await promisify(execFile)("bash", ["-c", script], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...{ SEVENSTEP_DATA: site.dataFolder, TMPDIR: site.dataFolder, LANG: "C.UTF-8" },
    },
    maxBuffer: 16 * 1_024 * 1_024,
  });
  return stdout.split("---8---\n").slice(1);
}

describe("the auditor's handbook", () => {
  test("proves a visit by Python, by replay, and by hand", async () => {
    const said = await run(await blocksOf("en"));
    const [, python = "", replay = "", chain = "", definition = "", seal = ""] = said;
    const [, , , , , , log = "", signature = "", kept = ""] = said;

    const [own, published] = python.split("\n").map((line) => line.slice(0, 64));
    expect(own).toBe(published);
    const accepted = new RegExp(`^ACCEPTED '${ORDER}': (\\d+) entries, (\\d+) of \\2 values`, "m");
    const entries = accepted.exec(python)?.[1] ?? "";
    expect(Number(entries)).toBeGreaterThan(50);

    expect(replay).toContain("visit.ndjson: proved");
    expect(replay).toContain("Every line follows from the one before it");
    expect(replay).toContain("as it was then");

    const whole = new RegExp(
      `^${entries} of ${entries} lines in one chain, the last hash is (\\w{64})$`,
      "m",
    );
    expect(chain).toMatch(whole);
    const [digest = ""] = definition.split(" ");
    expect(definition).toContain(`${entries} "digest":"${digest}"`);
    expect(seal).toMatch(/^\{?".*is what was entered: [1-9]\d* lines commit to it$/m);
    expect(log).toMatch(
      /^the last entry is one of \d+ in the tree whose root the checkpoint names$/m,
    );
    expect(signature).toContain("Signature Verified Successfully");
    expect(kept).toMatch(/^\S+\n\d+\n\S+\ntime .*\n\n— /);
  }, 180_000);

  test("finds an altered line by hand, too", async () => {
    const blocks = await blocksOf("en");
    const chain = blocks.findIndex((block) => block.includes("BROKEN"));
    const altered = (blocks[chain] ?? "").replace(
      "revision=0",
      String.raw`sed -i '7s/"at":"20/"at":"21/' $DESK/lines; revision=0`,
    );
    const set = (blocks[0] ?? "").replace(/^npm run -s sevenstep -- demo.*$/m, "");
    const [, said] = await run([set, altered]);
    expect(said).toContain("BROKEN at revision 8\n");
  }, 120_000);

  test("has the same commands in Chinese", async () => {
    const [en, zh] = await Promise.all([blocksOf("en"), blocksOf("zh")]);
    const plain = (block: string): string => block.replaceAll(/ *# .*$/gm, "");
    expect(zh.map(plain)).toEqual(en.map(plain));
  });
});
