/**
 * A fresh database as an archive, migrated, made when the product is installed: a first start unpacks it in a tenth of the
 * time that making one takes. Without it, or with one of another release, a first start is slow and nothing else.
 */

import { createHash, randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";

import { readText } from "./files.ts";
import { entriesOf } from "./tar.ts";

/** Beside the sources, or in a package beside what was built from them. */
const FOLDER = new URL("../../.prepared/", import.meta.url).pathname;
const MIGRATIONS = new URL("migrations/", import.meta.url).pathname;
/** Postgres refuses a data folder that others may enter. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** @param dump of a data folder on which this release's migrations have been done */
export async function keepPrepared(dump: Blob, kept = FOLDER): Promise<void> {
  await mkdir(kept, { recursive: true });
  const path = join(kept, await archiveName());
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, await promisify(gzip)(await dump.arrayBuffer()));
  await rename(draft, path);
}

/** Nothing is synced. @returns false: there is none for this release, and nothing was done */
export async function unpackPrepared(folder: string, kept = FOLDER): Promise<boolean> {
  const archive = await readFile(join(kept, await archiveName())).catch(() => null);
  if (archive === null) return false;
  const tar = await promisify(gunzip)(archive);
  // Nobody else has anything to do yet, and a thousand small files are written soonest one after the other.
  mkdirSync(folder, { mode: FOLDER_MODE });
  for (const { path, isFolder, content } of entriesOf(tar)) {
    const place = join(folder, path);
    if (isFolder) mkdirSync(place, { recursive: true, mode: FOLDER_MODE });
    else {
      mkdirSync(dirname(place), { recursive: true, mode: FOLDER_MODE });
      writeFileSync(place, content, { mode: FILE_MODE });
    }
  }
  chmodSync(folder, FOLDER_MODE);
  return true;
}

/** Of what the archive was made by: another database, or other migrations, make another one. */
async function archiveName(): Promise<string> {
  const hash = createHash("sha256").update(await pgliteVersion());
  for (const name of (await readdir(MIGRATIONS)).toSorted()) {
    hash.update(`\n${name}\n`).update(await readFile(join(MIGRATIONS, name)));
  }
  return `database-${hash.digest("hex").slice(0, 16)}.tar.gz`;
}

async function pgliteVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  return (await readText(join(dirname(entry), "..", "package.json"))) ?? "";
}
