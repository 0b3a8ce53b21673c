/** Base64 that has one writing for each content: padded, in the standard alphabet, unused bits zero (RFC 4648 3.5). */

/** Null for what is not written as `toBase64` would write it. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  return toBase64(bytes) === text ? bytes : null;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}
