import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { begin } from "../../src/cli/begin.ts";
import { claimFolder } from "../../src/store/claim-folder.ts";
import { FolderLocked } from "../../src/store/errors.ts";
import { temporaryFolder } from "../support/with-the-file.ts";

let home = "";
let given: { readonly [name: string]: string } = {};

beforeEach(async () => {
  home = join(await temporaryFolder("begin"), "data");
  given = { SEVENSTEP_DATA: home, SEVENSTEP_DEFINITIONS: join(home, "..", "none") };
});

describe("the beginning of a server", () => {
  test("takes the data folder for this process, and has PGlite's code compiled", async () => {
    const { claimed, judges } = await begin([], given);
    if (claimed === undefined) throw new Error("expected the folder to be claimed");
    const { lock, placed, code, data } = await claimed;
    const isPlaced = await placed;
    expect(existsSync(data)).toBe(isPlaced);
    expect(await code).toBeInstanceOf(WebAssembly.Module);
    await expect(claimFolder(home)).rejects.toThrow(FolderLocked);
    await lock.release();
    await judges.close();
  });

  test("leaves the refusal of a folder that somebody has to the server itself", async () => {
    const { lock } = await claimFolder(home, () => Promise.resolve(false));
    const { claimed } = await begin(["serve"], given);
    await expect(claimed).rejects.toThrow(FolderLocked);
    await lock.release();
  });

  test.each([
    { what: "another command", args: ["check", "a.yaml"], more: {} },
    { what: "a question", args: ["serve", "--help"], more: {} },
    { what: "a Postgres server", args: [], more: { DATABASE_URL: "postgres://a@localhost/b" } },
    { what: "an environment that will be refused", args: [], more: { PORT: "many" } },
  ])("leaves nothing behind for $what", async ({ args, more }) => {
    const { claimed } = await begin(args, { ...given, ...more });
    expect(claimed).toBeUndefined();
    expect(existsSync(home)).toBe(false);
  });
});
