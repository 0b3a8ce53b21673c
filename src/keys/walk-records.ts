/** Reads a keystore's file from end to end, also where something lies between the records that is none. */

import { fstatSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { decodeRecord, RECORD_BYTES, RECORD_MAGIC, type KeyRecord } from "./key-record.ts";

export interface Walked {
  /** The place after the last record. */
  readonly end: number;
  /** Bytes before it that are no record, such as half of one. */
  readonly damagedBytes: number;
}

/** Read at once: half a thousand records. */
const CHUNK_BYTES = 1 << 16;

/**
 * Visits all records from a place on. What is no record is passed over where a whole one follows; at the end of the file
 * it may be one that is being written, so whoever goes on begins before it.
 */
export async function walkRecords(
  handle: FileHandle,
  from: number,
  visit: (place: number, record: KeyRecord) => void,
): Promise<Walked> {
  const left = fstatSync(handle.fd).size - from;
  // What is written meanwhile comes with the next walk.
  const chunk = Buffer.allocUnsafe(Math.max(RECORD_BYTES, Math.min(left, CHUNK_BYTES)));
  let end = from;
  let damagedBytes = 0;
  for (let at = from; ;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    const bytes = chunk.subarray(0, bytesRead);
    let next = 0;
    while (next + RECORD_BYTES <= bytes.length) {
      const record = decodeRecord(bytes, next);
      if (record === null) {
        const found = bytes.indexOf(RECORD_MAGIC, next + 1);
        next = found === -1 ? bytes.length - RECORD_MAGIC.length + 1 : found;
        continue;
      }
      damagedBytes += at + next - end;
      visit(at + next, record);
      next += RECORD_BYTES;
      end = at + next;
    }
    if (bytesRead < chunk.length || at + bytesRead >= from + left) return { end, damagedBytes };
    at += next;
  }
}
