/**
 * The package as npm would publish it, used by a project of its own: the client runs and compiles, the program starts, and
 * "integrate in ten minutes" does what it says. In one file, because both build the package.
 */

import { execFile } from "node:child_process";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSite, DEFINITIONS, startServer } from "./server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MODULES = join(ROOT, "node_modules");
const run = promisify(execFile);

let project = "";

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "sevenstep-package-"));
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", project], {
    cwd: ROOT,
  });
  await run("tar", ["-xzf", stdout.trim(), "-C", project], { cwd: project });
  await mkdir(join(project, "node_modules"));
  await rename(join(project, "package"), join(project, "node_modules/sevenstep"));
  // What its dependencies would be installed as.
  for (const name of await readdir(MODULES)) {
    if (!name.startsWith("."))
      await symlink(join(MODULES, name), join(project, "node_modules", name));
  }
  await writeFile(join(project, "package.json"), JSON.stringify({ type: "module" }));
}, 300_000);

afterAll(() => rm(project, { recursive: true, force: true }));

describe("the package", { timeout: 60_000 }, () => {
  test("exports a client that runs as JavaScript", async () => {
    await writeFile(
      join(project, "caller.js"),
      `import { createClient } from "sevenstep/client";
       const client = createClient({
         url: "http://sevenstep.test", token: "t",
         fetch: async (request) => Response.json({ url: request.url, key: request.headers.has("idempotency-key") }),
       });
       const { data } = await client.api.POST("/v1/work-orders", { body: { process: "p" } });
       console.log(JSON.stringify(data));`,
    );
    const { stdout } = await run(process.execPath, ["caller.js"], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ url: "http://sevenstep.test/v1/work-orders", key: true });
  });

  test("exports the client's types", async () => {
    const compilerOptions = {
      target: "es2024",
      module: "nodenext",
      strict: true,
      noEmit: true,
      types: [],
    };
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["caller.ts"] }),
    );
    const call = (body: string) =>
      `import { createClient } from "sevenstep/client";
       await createClient({ url: "http://x", token: "t" }).api.POST("/v1/work-orders", { body: ${body} });`;
    const compile = () =>
      run(join(MODULES, ".bin/tsc"), ["-p", project]).then(
        () => "compiles",
        () => "is refused",
      );
    await writeFile(join(project, "caller.ts"), call('{ process: "p" }'));
    expect(await compile()).toBe("compiles");
    await writeFile(join(project, "caller.ts"), call('{ proces: "p" }'));
    expect(await compile()).toBe("is refused");
  });

  test("carries a program that starts", async () => {
    const bin = join(project, "node_modules/sevenstep/src/cli/sevenstep.js");
    const { stdout } = await run(process.execPath, [
      bin,
      "types",
      join(project, "node_modules/sevenstep/definitions/traditional-4s/1.0.0.yaml"),
    ]);
    expect(stdout).toContain("export interface Traditional4s");
  });
});

/** Blocks that set up a machine are what this file does before its tests. */
const SET_UP = /npm (ci|pack)/;

interface Page {
  readonly shell: readonly string[];
  /** Files by the name in their first line. */
  readonly files: ReadonlyMap<string, string>;
}

async function page(language: "en" | "zh"): Promise<Page> {
  const text = await readFile(join(ROOT, `src/http/pages/integrate.${language}.md`), "utf8");
  const blocks = [...text.matchAll(/```(sh|js)\n(.*?)```/gs)];
  const of = (kind: string) => blocks.flatMap(([, is, block = ""]) => (is === kind ? [block] : []));
  return {
    shell: of("sh").filter((block) => !SET_UP.test(block)),
    files: new Map(of("js").map((block) => [/^\/\/ (\S+)\n/.exec(block)?.[1] ?? "", block])),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}

describe("integrate in ten minutes", { timeout: 120_000 }, () => {
  test("works as printed: a visit, a receiver, a worker", async () => {
    const { shell, files } = await page("en");
    const site = await createSite("pglite");
    const environment = { SEVENSTEP_WEBHOOK_ALLOW: "127.0.0.0/8" };
    const server = await startServer(site, { definitions: DEFINITIONS, environment });
    const port = String(await freePort());
    // Only addresses, ports and folders are this test's own.
    const own = (text: string): string =>
      text
        .replaceAll("http://127.0.0.1:8080", server.url)
        .replaceAll("9090", port)
        .replaceAll("data/admin-token", `${site.dataFolder}/admin-token`)
        .replaceAll("npm run -s sevenstep --", `npm --prefix ${ROOT} run -s sevenstep --`);
    try {
      for (const [name, text] of files) await writeFile(join(project, name), own(text));
      const script = ["set -eo pipefail", ...shell].map(own).join("\n");
      const { stdout } = await run("bash", ["-c", script], {
        cwd: project,
        env: { ...process.env, SEVENSTEP_DATA: site.dataFolder, LANG: "C.UTF-8" },
        maxBuffer: 16 * 1_024 * 1_024,
      });
      expect(stdout).toContain('"code":"event-not-enabled"');
      expect(stdout).toContain('"role":"advisor"');
      expect(stdout).toMatch(/printing 01938f6e-0000-7000-8000-00000000cafe\.\S+/);
      expect(stdout).toContain("sevenstep.work-order.created 01938f6e-0000-7000-8000-00000000cafe");
      expect(stdout).toMatch(/event: entry\nid: 2\ndata: .*job\.completed/);
      expect(stdout).toMatch(/"status":"done".*"pages":1/);
    } finally {
      await server.kill();
      await site.remove();
    }
  });

  test("has the same commands in Chinese", async () => {
    // Comments are in the reader's language.
    const plain = (text: string) => text.replaceAll(/ *(\/\/| #) .*$/gm, "");
    const both = await Promise.all([page("en"), page("zh")]);
    const [en, zh] = both.map(({ shell, files }) => [...shell, ...files.values()].map(plain));
    expect(zh).toEqual(en);
  });
});
