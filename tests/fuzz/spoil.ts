/** Writes a body's value down, spoilt in one of the ways in which bodies arrive that nobody should have sent. */

import type { Json } from "../../machines/json.ts";
import type { Spoilt } from "./requests.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();
const MIB = 1_048_576;

/** A member put first into whatever object the text holds. */
const withMember = (member: string) => (text: string) =>
  utf8.encode(text.replace("{", text.startsWith("{}") ? `{${member}` : `{${member},`));

const SPOILERS = {
  no: (text) => utf8.encode(text),
  cut: (text) => utf8.encode(text.slice(0, Math.floor(text.length / 2))),
  doubled: (text) => utf8.encode(text + text),
  empty: () => new Uint8Array(),
  array: (text) => utf8.encode(`[${text}]`),
  text: (text) => utf8.encode(JSON.stringify(text)),
  null: () => utf8.encode("null"),
  trailing: (text) => utf8.encode(`${text}x`),
  bom: (text) => utf8.encode(`\u{FEFF}${text}`),
  utf16: (text) => Uint8Array.from(Buffer.from(text, "utf16le")),
  deep: (text) => utf8.encode(`${'{"a":'.repeat(5000)}${text}`),
  duplicate: withMember('"a":1,"a":2'),
  prototype: withMember('"__proto__":{"admin":true}'),
  nul: withMember('"a\\u0000":"\\u0000"'),
  surrogate: withMember('"a":"\\ud800"'),
  infinite: withMember('"a":1e999'),
  huge: withMember('"a":123456789012345678901234567890'),
  nan: withMember('"a":NaN'),
  utf8: (text) => Uint8Array.from([...utf8.encode(text.slice(0, -1)), 0xff, 0x7d]),
  large: (text) => utf8.encode(text.padEnd(MIB + 1)),
  number: () => utf8.encode("1"),
} satisfies Record<Spoilt, (text: string) => Bytes>;

export function spoil(value: Json, spoilt: Spoilt, type: string): Bytes {
  const isText = typeof value === "string" && !type.toLowerCase().includes("json");
  return SPOILERS[spoilt](isText ? value : JSON.stringify(value));
}
