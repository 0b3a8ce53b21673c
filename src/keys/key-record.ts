/**
 * The bytes of one key in a keystore's file: 128 of them, so that a disk's sector holds whole ones, and with a checksum,
 * so that what a power cut left of one is told apart.
 */

import { crc32 } from "node:zlib";
import { BOX_BYTES, type WrappedKey } from "./wrapped-key.ts";

export type KeyRecord =
  | { readonly kind: "key"; readonly key: WrappedKey }
  | { readonly kind: "wiped" };

export const RECORD_BYTES = 128;
/** Opens each record: after bytes that are none, the next one is found by it. */
export const RECORD_MAGIC = Buffer.from("7key");

const KIND_AT = 8;
const WRAPPER_AT = 16;
const NAME_AT = 24;
const BOX_AT = 56;
const KINDS = { key: 1, wiped: 2 } as const;

export function encodeKey({ name, wrapper, box }: WrappedKey): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes[KIND_AT] = KINDS.key;
  bytes.write(wrapper, WRAPPER_AT, "hex");
  bytes.write(name, NAME_AT, "hex");
  bytes.set(box, BOX_AT);
  return finished(bytes);
}

/** Says of whom nothing. */
export function encodeWiped(): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes[KIND_AT] = KINDS.wiped;
  return finished(bytes);
}

/** @returns null where no whole record begins */
export function decodeRecord(bytes: Buffer, at: number): KeyRecord | null {
  const record = bytes.subarray(at, at + RECORD_BYTES);
  if (record.length < RECORD_BYTES || !record.subarray(0, 4).equals(RECORD_MAGIC)) return null;
  if (record.readUInt32LE(4) !== crc32(record.subarray(KIND_AT))) return null;
  if (record[KIND_AT] === KINDS.wiped) return { kind: "wiped" };
  if (record[KIND_AT] !== KINDS.key) return null;
  const key = {
    wrapper: record.toString("hex", WRAPPER_AT, NAME_AT),
    name: record.toString("hex", NAME_AT, BOX_AT),
    box: new Uint8Array(record.subarray(BOX_AT, BOX_AT + BOX_BYTES)),
  };
  return { kind: "key", key };
}

function finished(bytes: Buffer): Buffer {
  bytes.set(RECORD_MAGIC, 0);
  bytes.writeUInt32LE(crc32(bytes.subarray(KIND_AT)), 4);
  return bytes;
}
