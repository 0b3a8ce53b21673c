/** The package as npm would publish it, used by a project of its own: the client runs and compiles, the program starts. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

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
}, 120_000);

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
