/** Reads an archive in the format of POSIX tar (ustar), as far as PGlite's dumps go: folders and files. */

export interface TarEntry {
  /** Relative to the folder that was archived. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly content: Uint8Array;
}

/** POSIX.1-2017, pax, "ustar Interchange Format": places in a header block. */
const BLOCK = 512;
const SIZE_AT = 124;
const TYPE_AT = 156;
const PREFIX_AT = 345;

/** @throws {Error} for a path that leads out of the folder, and for what is neither file nor folder */
export function* entriesOf(tar: Buffer): Generator<TarEntry, void> {
  for (let at = 0; at + BLOCK <= tar.length;) {
    const name = textAt(tar, at, 100);
    // Two blocks of zeros end an archive.
    if (name === "") return;
    const prefix = textAt(tar, at + PREFIX_AT, 155);
    const path = (prefix === "" ? name : `${prefix}/${name}`).replace(/^\/+/, "");
    if (path.split("/").includes("..")) throw new Error(`a path leads out of the archive: ${path}`);
    const type = textAt(tar, at + TYPE_AT, 1);
    if (!["", "0", "5"].includes(type)) throw new Error(`${path}: a file of the type ${type}`);
    const size = Number.parseInt(textAt(tar, at + SIZE_AT, 12), 8) || 0;
    const from = at + BLOCK;
    yield { path, isFolder: type === "5", content: tar.subarray(from, from + size) };
    at = from + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** Up to the first NUL. */
function textAt(tar: Buffer, at: number, length: number): string {
  const field = tar.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end).trim();
}
