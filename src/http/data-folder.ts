/** Keeps the server's secrets in its data folder, readable by its owner only, and never half written. */

import { randomBytes, randomUUID } from "node:crypto";
import { chmod, link, mkdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mintToken, tokenReader } from "./token.ts";

const OWNER_ONLY = 0o600;
const KEY_BYTES = 32;
const DAY_S = 86_400;
const ADMIN_TOKEN_DAYS = 365;

/**
 * The key that signs tokens, made at the first call. Of several processes that make it at once, all get the same.
 *
 * @throws when the file holds anything but 256 bits
 */
export async function tokenKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, "token-key");
  const existing = await readIfThere(path);
  const text = existing ?? (await createOnce(path, randomBytes(KEY_BYTES).toString("base64url")));
  const key = Buffer.from(text.trim(), "base64url");
  if (key.length !== KEY_BYTES) {
    throw new Error(`${path} must hold a 256-bit key in base64url; move it away to make a new one`);
  }
  return key;
}

/** The token key of a folder that a server has used before; null when there is none yet. */
export async function existingTokenKey(folder: string): Promise<Uint8Array | null> {
  return (await readIfThere(join(folder, "token-key"))) === null ? null : tokenKey(folder);
}

export function adminTokenPath(folder: string): string {
  return join(folder, "admin-token");
}

export interface AdminToken {
  readonly token: string;
  readonly path: string;
}

/** The admin's token; a new one is made when there is none, or when it is not signed by `key` or ends within 30 days. */
export async function adminToken(
  folder: string,
  key: Uint8Array,
  nowMs: number,
): Promise<AdminToken> {
  const path = adminTokenPath(folder);
  const existing = (await readIfThere(path))?.trim();
  const inAMonth = tokenReader(key, () => nowMs + 30 * DAY_S * 1000);
  if (existing !== undefined && (await inAMonth(existing)).kind === "known") {
    return { token: existing, path };
  }
  const issuedAt = Math.floor(nowMs / 1000);
  const token = await mintToken(
    key,
    { sub: "admin", roles: ["admin"], centres: "*" },
    { issuedAt, expiresAt: issuedAt + ADMIN_TOKEN_DAYS * DAY_S },
  );
  const draft = await writeDraft(path, token);
  await rename(draft, path);
  return { token, path };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    const text = await readFile(path, "utf8");
    await chmod(path, OWNER_ONLY);
    return text;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** `link` fails when the name exists, so the first writer wins and a reader never sees half a file. */
async function createOnce(path: string, text: string): Promise<string> {
  const draft = await writeDraft(path, text);
  try {
    await link(draft, path);
    return text;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      return await readFile(path, "utf8");
    }
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function writeDraft(path: string, text: string): Promise<string> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, `${text}\n`, { mode: OWNER_ONLY, flag: "wx" });
  return draft;
}
