/** A server's part in the log over all entries lies outside the database: a key to sign with, and what was signed. */

import type { Checkpoint } from "../audit/log/checkpoint.ts";
import type { SignerKey } from "../audit/log/note-key.ts";

export interface LogKeeping {
  readonly signer: LogSigner;
  readonly file: CheckpointFile;
}

/** Where a server finds the log's key. */
export interface LogSigner {
  /** Null: there is none here. @throws when what is there is no key */
  readonly read: () => Promise<SignerKey | null>;
  /** The one that shall follow, as long as it has not taken its place. */
  readonly readNext: () => Promise<SignerKey | null>;
  /** Keeps the first key. @returns the one that is kept: of several who make one at once, all get the same */
  readonly make: (key: SignerKey) => Promise<SignerKey>;
  /** Keeps one that shall follow, before anybody knows of it; on the disk when it resolves. */
  readonly keepNext: (key: SignerKey) => Promise<void>;
  /** It takes its place; the one before is kept beside it. */
  readonly takeNext: () => Promise<void>;
}

export interface CheckpointFile {
  /** For whoever operates it. */
  readonly path: string;
  /** The last one; null: there is none. */
  readonly newest: () => Promise<Checkpoint | null>;
  /** Signed notes in the order of their sizes; on the disk when it resolves. */
  readonly append: (notes: readonly string[]) => Promise<void>;
}
