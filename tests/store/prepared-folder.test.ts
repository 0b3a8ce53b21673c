/** A first start finds a database that was made beforehand, or makes one: nobody can tell which it was. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";

import type { Database } from "../../src/store/database.ts";
import { claimFolder } from "../../src/store/claim-folder.ts";
import { openPgliteFolder, prepareFolder } from "../../src/store/pglite.ts";
import { unpackPrepared } from "../../src/store/prepared-folder.ts";
import { storeOn } from "../../src/store/store-on.ts";
import { entriesOf } from "../../src/store/tar.ts";
import { temporaryFolder } from "../support/with-the-file.ts";
import { advance, everything, numbers } from "./fixtures.ts";

let home = "";
/** Where what was prepared is kept. */
let kept = "";

beforeAll(async () => {
  home = await temporaryFolder("prepared");
  kept = join(home, "kept");
  await prepareFolder(kept);
});

describe("a first start", () => {
  test("unpacks what was prepared: the same schema as one that is made", async () => {
    const unpacked = await openPgliteFolder(
      join(home, "one"),
      claimFolder(join(home, "one"), (path) => unpackPrepared(path, kept)),
    );
    const databases = await sql<{ readonly name: string }>`
      select datname as name from pg_database`.execute(unpacked.db);
    // What nobody can open takes nobody's time.
    expect(databases.rows).toEqual([{ name: "postgres" }]);
    // Migrated already: nothing is left to do.
    const schema = await schemaOf(unpacked);
    expect(schema.length).toBeGreaterThan(100);
    const made = await openPgliteFolder(
      join(home, "other"),
      claimFolder(join(home, "other"), () => Promise.resolve(false)),
    );
    for (const database of [unpacked, made]) {
      const store = storeOn(database);
      await store.migrate();
      expect(await schemaOf(database)).toEqual(schema);
      for (const revision of numbers(2)) expect(await advance(store, "o1")).toBe(revision);
      await store.close();
    }
    const again = storeOn(await openPgliteFolder(join(home, "one")));
    expect((await again.orders.get("o1", everything))?.revision).toBe(2);
    await again.close();
  });

  test("keeps the files to their owner", async () => {
    const place = join(home, "modes");
    expect(await unpackPrepared(place, kept)).toBe(true);
    const modes = readdirSync(place, { recursive: true, withFileTypes: true }).map((entry) =>
      statSync(join(entry.parentPath, entry.name)).mode.toString(8).slice(-3),
    );
    expect(new Set(modes)).toEqual(new Set(["700", "600"]));
  });

  test("finds nothing that was prepared for another release", async () => {
    const place = join(home, "nothing");
    expect(await unpackPrepared(place, join(home, "nowhere"))).toBe(false);
    expect(existsSync(place)).toBe(false);
  });
});

describe("an archive", () => {
  test("is read as tar writes it", async () => {
    const folder = join(home, "archived");
    const deep = join(folder, "d".repeat(90), "e".repeat(90));
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, "long"), "x".repeat(1_000));
    await writeFile(join(folder, "empty"), "");
    const tar = execFileSync("tar", ["--format=ustar", "-C", folder, "-c", "."]);
    const files = [...entriesOf(tar)].filter(({ isFolder }) => !isFolder);
    const found = files.map(({ path, content }) => [path.replace("./", ""), content.length]);
    expect(Object.fromEntries(found)).toEqual({
      empty: 0,
      [`${"d".repeat(90)}/${"e".repeat(90)}/long`]: 1_000,
    });
  });

  test("leads to no place outside, and holds no links", async () => {
    const folder = join(home, "hostile");
    await mkdir(folder);
    await writeFile(join(folder, "a"), "");
    const flags = ["--format=ustar", "-P", "-C", folder, "-c"];
    const outside = execFileSync("tar", [...flags, "--transform=s,^a,../a,", "a"]);
    expect(() => [...entriesOf(outside)]).toThrow("leads out of the archive");
    execFileSync("ln", ["-s", "/etc", join(folder, "link")]);
    const linked = execFileSync("tar", [...flags, "link"]);
    expect(() => [...entriesOf(linked)]).toThrow("a file of the type 2");
  });
});

async function schemaOf({ db }: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly column: string }>`
    select table_name || '.' || column_name || ' ' || data_type as column
    from information_schema.columns where table_schema = 'public' order by 1`.execute(db);
  return rows.map(({ column }) => column);
}
