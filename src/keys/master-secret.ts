/** The master secret, which opens the keystore's envelope: read from a file each time, so that it can be exchanged. */

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { KeystoreUnfit } from "./unfit.ts";
import { readReplaced, replaceFile, writeOnce } from "./write-once.ts";

export interface MasterSecret {
  readonly path: string;
  /** Whether the server makes the file, or the operator gave it. */
  readonly isOurs: boolean;
  /** @throws when the file is not there or holds anything but 256 bits */
  readonly read: () => Promise<Uint8Array>;
  /** As `read`; makes the file first where that is this server's to do. */
  readonly make: () => Promise<Uint8Array>;
}

const SECRET_BYTES = 32;

export function masterSecretIn(path: string, isOurs: boolean): MasterSecret {
  const read = async (): Promise<Uint8Array> => {
    const text = await readReplaced(path);
    if (text === null) {
      throw new KeystoreUnfit(
        `expected the keystore's master secret in ${path}, found no such file. Put it back from your backup; without ` +
          "it no sealed value can be read, and with another one none either.",
      );
    }
    return secretIn(text, path);
  };
  return {
    path,
    isOurs,
    read,
    make: async () => {
      if (isOurs) await writeOnce(path, newSecretText());
      return read();
    },
  };
}

/** Puts the secret of another file in the place of the server's own, for all servers that share it. */
export async function takeSecret(master: MasterSecret, made: string): Promise<void> {
  await replaceFile(master.path, await readFile(made, "utf8"));
}

function newSecretText(): string {
  return `${randomBytes(SECRET_BYTES).toString("base64url")}\n`;
}

/** As `openssl rand` writes it: `-hex 32` or `-base64 32`. */
function secretIn(text: string, path: string): Uint8Array {
  const trimmed = text.trim();
  const encoding = /^[0-9a-f]{64}$/i.test(trimmed) ? "hex" : "base64url";
  const secret = Buffer.from(trimmed, encoding);
  if (!/^[\w+/-]+=*$/.test(trimmed) || secret.length !== SECRET_BYTES) {
    throw new KeystoreUnfit(`expected 256 bits in ${path}, in hex or base64, found something else`);
  }
  return new Uint8Array(secret);
}
