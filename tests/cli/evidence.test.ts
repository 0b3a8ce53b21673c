/** A whole visit's evidence, as an auditor takes and verifies it: from a server, from its database, and by the file's own readme. */

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle } from "../../src/audit/evidence/read-bundle.ts";
import { notesIn } from "../../src/cli/evidence/notes-in.ts";
import { verifyCommand } from "../../src/cli/verify.ts";
import { handOver } from "../../src/audit/log/handover.ts";
import { signerOf } from "../../src/audit/log/note-key.ts";
import { signNote } from "../../src/audit/log/signed-note.ts";
import { bundleOf, bytesOf, FORGER, logOver, ORIGIN, SIGNER } from "../evidence/bundles.ts";
import { historyOf } from "../evidence/histories.ts";
import { createDice } from "../evidence/random.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { run as runHere } from "./fake-terminal.ts";
import { adminTokenIn, freePort, run, startServer } from "./running-server.ts";
import type { RunningServer, Variables } from "./running-server.ts";

const ORDER = "01938f6e-0000-7000-8000-0000000000ab";
const exec = promisify(execFile);

describe("evidence of a whole visit", () => {
  let variables: Variables = {};
  let server: RunningServer;
  let folder = "";
  let key = "";

  beforeAll(async () => {
    folder = await temporaryFolder("evidence");
    variables = { SEVENSTEP_DATA: folder, PORT: String(await freePort()) };
    server = await startServer(variables);
    const demo = await run(["demo", "--speed", "max", "--order", ORDER], variables);
    if (demo.code !== 0) throw new Error(demo.stderr);
    const answer = await fetch(`${server.url}/v1/audit/log-keys`, {
      headers: { Authorization: `Bearer ${await adminTokenIn(folder)}` },
    });
    await writeFile(join(folder, "log-keys.json"), await answer.text());
    const { items } = JSON.parse(await readFile(join(folder, "log-keys.json"), "utf8"));
    key = items[0].key;
    await writeFile(join(folder, "log-key.pub"), `${key}\n`);
  }, 120_000);
  afterAll(() => server.end("SIGKILL"));

  const take = (out: string, ...more: readonly string[]) =>
    run(["evidence", ORDER, "-o", join(folder, out), ...more], variables);
  const verify = (out: string, ...more: readonly string[]) =>
    run(["verify", join(folder, out), "--key", key, ...more]);

  test("is taken from a server, and proved and replayed with the log's key alone", async () => {
    const taken = await take("served.ndjson", "--url", server.url, "--disclose", "visible");
    expect(taken).toEqual({ code: 0, stdout: "", stderr: "" });
    const { code, stdout, stderr } = await verify("served.ndjson");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("served.ndjson: proved\n");
    expect(stdout).toContain(`order    ${ORDER}, service-visit 1.0.0`);
    expect(stdout).toMatch(
      /[1-9]\d* separations of duties held, [1-9]\d* timers fired and none early/,
    );
    expect(stdout).toContain("its times are not real ones");
    expect(stdout).not.toContain("readme");
  });

  test("tells a program the same", async () => {
    const { stdout } = await verify("served.ndjson", "--json");
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ verified: true, order: ORDER, testClock: true, readme: true });
    expect(told.opened).toContainEqual({
      revision: 1,
      pointer: "/data/customer/name",
      value: "王芳",
    });
    expect(told.opened).toHaveLength(told.sealed);
  });

  test("is found to be altered, with entry and member", async () => {
    const text = await readFile(join(folder, "served.ndjson"), "utf8");
    await writeFile(
      join(folder, "altered.ndjson"),
      text.replace('\\"sub\\":\\"chen', '\\"sub\\":\\"chem'),
    );
    const { code, stdout } = await verify("altered.ndjson");
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /altered\.ndjson: REFUTED at entry \d+, prev\n {2}expected [0-9a-f]{64}\n/,
    );
  });

  test("is verified by the program in it, got as its readme says", async () => {
    const file = join(folder, "served.ndjson");
    const read = readBundle(await readFile(file));
    if (read.kind !== "bundle") throw new Error(read.place);
    const [extract = "", check = ""] = read.bundle.readme.text.match(/^ {2}python3 .*$/gm) ?? [];
    const commands = [extract, check].map((line) =>
      line.replace("BUNDLE", file).replace("KEY", `'${key}'`),
    );
    const { stdout } = await exec("sh", ["-c", `set -e\ncd ${folder}\n${commands.join("\n")}`]);
    expect(stdout).toContain("王芳");
    expect(stdout).toMatch(
      /\nACCEPTED '01938f6e-0000-7000-8000-0000000000ab': \d+ entries, (\d+) of \1 /,
    );
    const env = { ...process.env, PYTHONIOENCODING: "ascii" };
    const narrow = await exec("sh", ["-c", `cd ${folder}\n${commands[1]}`], { env });
    expect(narrow.stdout).toContain("\\u738b\\u82b3");
    expect(narrow.stdout).toContain("\nACCEPTED ");
    const { stdout: hash } = await exec("sha256sum", [join(folder, "verify.py")]);
    expect(read.bundle.readme.text).toContain(hash.slice(0, 64));
  });

  test("is taken from the server that has the folder open, and from the folder without one", async () => {
    expect((await take("open.ndjson")).stderr).toBe("");
    await server.end("SIGTERM");
    expect((await take("alone.ndjson")).stderr).toBe("");
    const [open, alone] = await Promise.all(
      ["open.ndjson", "alone.ndjson"].map((name) => readFile(join(folder, name), "utf8")),
    );
    expect(alone).toBe(open);
    expect(open).not.toContain("王芳");
    expect((await verify("alone.ndjson")).code).toBe(0);
  });

  test("says where there is none", async () => {
    const nobody = await run(["evidence", ORDER, "--url", server.url], variables);
    expect(nobody).toMatchObject({ code: 1, stderr: `error: nobody answers at ${server.url}\n` });
    const other = await run(["evidence", ORDER.replace("ab", "ac")], variables);
    expect(other.stderr).toContain("found none with the id");
    const empty = await run(["evidence", ORDER], { SEVENSTEP_DATA: join(folder, "nowhere") });
    expect(empty.stderr).toContain("no server has run in");
  });
});

describe("sevenstep verify", () => {
  const dice = createDice(1);
  const history = historyOf(17);
  const log = logOver([history, historyOf(2)], dice);
  const bundle = bytesOf(bundleOf(history, log));

  async function files(more: { readonly [name: string]: string | Buffer } = {}): Promise<string> {
    const folder = await temporaryFolder("verify");
    const all = { "bundle.ndjson": bundle, ...more };
    for (const [name, content] of Object.entries(all)) await writeFile(join(folder, name), content);
    return folder;
  }

  test("takes keys from files, and says which file holds none", async () => {
    const folder = await files({
      "log.pub": `\n${FORGER.verifier.text}\n${SIGNER.verifier.text}\n`,
    });
    const file = join(folder, "bundle.ndjson");
    expect(await runHere(verifyCommand, [file, "--key", join(folder, "log.pub")])).toMatchObject({
      code: 0,
    });
    const { code, complaint } = await runHere(verifyCommand, [file, "--key", file]);
    expect([code, complaint]).toEqual([1, expect.stringContaining("expected a public key")]);
  });

  test("follows a key that was handed over, and no key that was not", async () => {
    const first = signerOf(ORIGIN, new Uint8Array(32).fill(1));
    const note = handOver(first, SIGNER, 1, Date.UTC(2026, 0, 1));
    const forged = signNote(note.split("\n\n")[0] + "\n", [FORGER, SIGNER]);
    const folder = await files({
      "keys.json": JSON.stringify({ items: [{ key: "-", handover: null }, { handover: note }] }),
      "notes.txt": `${forged}${note}`,
      "forged.txt": forged,
    });
    const verdict = async (name: string) => {
      const options = ["--key", first.verifier.text, "--handovers", join(folder, name)];
      return (await runHere(verifyCommand, [join(folder, "bundle.ndjson"), ...options])).code;
    };
    expect(notesIn(`${forged}${note}`)).toEqual([forged, note]);
    expect(await verdict("keys.json")).toBe(0);
    expect(await verdict("notes.txt")).toBe(0);
    expect(await verdict("forged.txt")).toBe(1);
  });

  test("judges each file by itself, and says in the reader's language what is wrong", async () => {
    const folder = await files({ "cut.ndjson": bundle.subarray(0, 400) });
    const paths = ["cut.ndjson", "bundle.ndjson"].map((name) => join(folder, name));
    const args = [...paths, "--key", SIGNER.verifier.text];
    const { code, output } = await runHere(verifyCommand, args, { language: "zh" });
    expect(code).toBe(1);
    expect(output).toContain("cut.ndjson: 不成立");
    expect(output).toContain("bundle.ndjson: 已证实");
  });

  test("shows nothing that would move the reader's cursor", async () => {
    const line = `{"kind":"\u009b2J\u202e","v":1}\n`;
    const folder = await files({ "odd.ndjson": line });
    const args = [join(folder, "odd.ndjson"), "--key", SIGNER.verifier.text];
    const { output } = await runHere(verifyCommand, args);
    expect(output).toContain("\\u{9b}2J\\u{202e}");
  });
});
