/**
 * What a keystore keeps beside the keys: the wrappers and the secret of the tags, sealed under each master secret that may
 * open them. Only this envelope changes hands when a master secret is exchanged.
 */

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import { KeystoreUnfit } from "./unfit.ts";
import { newWrapper, type Wrapper } from "./wrapped-key.ts";

/** What only the servers may know. */
export interface Contents {
  /** Keys the HMAC of tags; never exchanged, because tags stand in the database. */
  readonly tagSecret: Uint8Array;
  /** The last one wraps what is made now; others are on their way out. */
  readonly wrappers: readonly [Wrapper, ...Wrapper[]];
}

/** The envelope as it is stored. */
export interface Envelope {
  /** The keystore's own, for ever. */
  readonly id: string;
  /** One for each master secret. */
  readonly boxes: readonly { readonly master: string; readonly box: string }[];
}

const base64 = z.base64().transform((text) => new Uint8Array(Buffer.from(text, "base64")));
const secret = base64.refine((bytes) => bytes.length === 32, "expected 256 bits");

const envelopeSchema = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  boxes: z.array(z.strictObject({ master: z.string(), box: z.base64() })).min(1),
});

const wrapperSchema = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), key: secret });

const contentsSchema = z.strictObject({
  tagSecret: secret,
  wrappers: z.tuple([wrapperSchema], wrapperSchema),
});

const CIPHER = "aes-256-gcm";
const SALT_BYTES = 32;
const TAG_BYTES = 16;
/** Each box has a key of its own, by its salt. */
const NONCE = Buffer.alloc(12);

export function newContents(): Contents {
  return { tagSecret: randomBytes(32), wrappers: [newWrapper()] };
}

/** Names a master secret without saying anything about it. */
export function masterId(master: Uint8Array): string {
  return createHash("sha256").update("sevenstep master secret\n").update(master).digest("hex");
}

/** @param id of the keystore; absent: a new keystore's */
export function sealed(
  contents: Contents,
  masters: readonly Uint8Array[],
  id = randomBytes(16).toString("hex"),
): Envelope {
  const text = JSON.stringify({
    tagSecret: Buffer.from(contents.tagSecret).toString("base64"),
    wrappers: contents.wrappers.map((wrapper) => ({
      id: wrapper.id,
      key: Buffer.from(wrapper.key).toString("base64"),
    })),
  });
  const boxes = masters.map((master) => {
    const salt = randomBytes(SALT_BYTES);
    const cipher = createCipheriv(CIPHER, keyFrom(master, salt), NONCE).setAAD(Buffer.from(id));
    const box = [salt, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
    return { master: masterId(master), box: Buffer.concat(box).toString("base64") };
  });
  return { id, boxes };
}

/** @throws {KeystoreUnfit} when none of its boxes is this master secret's */
export function opened({ id, boxes }: Envelope, master: Uint8Array): Contents {
  const own = boxes.find((box) => box.master === masterId(master));
  if (own === undefined) throw new KeystoreUnfit(lockedMessage());
  const bytes = Buffer.from(own.box, "base64");
  const tagAt = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, keyFrom(master, bytes.subarray(0, SALT_BYTES)), NONCE)
    .setAAD(Buffer.from(id))
    .setAuthTag(bytes.subarray(tagAt));
  const text = decipher.update(bytes.subarray(SALT_BYTES, tagAt), undefined, "utf8");
  return contentsSchema.parse(JSON.parse(text + decipher.final("utf8")));
}

/** Whether this master secret opens it. */
export function isFor({ boxes }: Envelope, master: Uint8Array): boolean {
  return boxes.some((box) => box.master === masterId(master));
}

export function lockedMessage(): string {
  return (
    "The keystore opens with another master secret than this server's: give it that one with " +
    "SEVENSTEP_KEYSTORE_SECRET_FILE. Without it no sealed value can be read."
  );
}

export function envelopeText(envelope: Envelope): string {
  return `${JSON.stringify({ v: 1, ...envelope })}\n`;
}

/** @throws when the text is no envelope of this release */
export function parseEnvelope(text: string): Envelope {
  const { id, boxes } = envelopeSchema.parse(JSON.parse(text));
  return { id, boxes };
}

/** The wrapper of what is made now. */
export function currentOf({ wrappers }: Contents): Wrapper {
  return wrappers.at(-1) ?? wrappers[0];
}

function keyFrom(master: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", master, salt, "sevenstep keystore envelope", 32));
}
