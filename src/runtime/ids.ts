/** Ids that sort by the time of their making: UUID version 7 (RFC 9562, section 5.7). */

import type { Ports } from "./ports.ts";

const TIMESTAMP_BYTES = 6;

/** 48 bits of epoch milliseconds, then 74 random bits around version and variant. */
export function uuidv7({ clock, random }: Pick<Ports, "clock" | "random">): string {
  const bytes = new Uint8Array(16);
  const now = BigInt(clock.now());
  for (let index = 0; index < TIMESTAMP_BYTES; index += 1) {
    bytes[index] = Number((now >> BigInt(8 * (TIMESTAMP_BYTES - 1 - index))) & 0xffn);
  }
  bytes.set(random(bytes.length - TIMESTAMP_BYTES), TIMESTAMP_BYTES);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
