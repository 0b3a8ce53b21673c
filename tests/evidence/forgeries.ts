/** Bundles that were changed by somebody: a byte at any place, or the whole by one who knows the format and has no key. */

import {
  canonicalText as canonicalDefinition,
  digestOf,
} from "../../machines/document/canonical.ts";
import { isJsonObject, type Json, type JsonObject } from "../../machines/json.ts";
import type { Bundle } from "../../src/audit/evidence/bundle.ts";
import { bundleText, linesOf } from "../../src/audit/evidence/bundle.ts";
import { hashLine, NO_LINE } from "../../src/audit/entry.ts";
import { parseNote, signNote } from "../../src/audit/log/signed-note.ts";
import { canonicalText, commitmentOf } from "../../src/audit/seal.ts";
import { bundleOf, bytesOf, FORGER, logOver, noteOf, type EvidenceLog } from "./bundles.ts";
import type { History } from "./histories.ts";
import type { Dice } from "./random.ts";

export interface Given {
  readonly bundle: Bundle;
  readonly history: History;
  /** Of another order in the same log. */
  readonly other: { readonly bundle: Bundle; readonly history: History };
  readonly log: EvidenceLog;
  readonly dice: Dice;
}

/** Null: this bundle has nothing that could be changed so. */
type Forge = (given: Given) => Bundle | string | Uint8Array | null;

/** What may be changed by a byte: all but the readme, which proves nothing and is proved by nothing. */
export const PROVED_KINDS = [
  "entry",
  "seal",
  "proof",
  "checkpoint",
  "bundle",
  "definition",
] as const;
export type ProvedKind = (typeof PROVED_KINDS)[number];

/** One byte of a line of this kind is another; its line feed counts. Null: the bundle has no such line. */
export function withAnotherByte(bytes: Uint8Array, kind: ProvedKind, dice: Dice): Buffer | null {
  const places: { readonly start: number; readonly end: number }[] = [];
  const head = Buffer.from(`{"kind":"${kind}"`);
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0x0a, start) + 1 || bytes.length;
    if (Buffer.compare(bytes.subarray(start, start + head.length), head) === 0) {
      places.push({ start, end });
    }
    start = end;
  }
  if (places.length === 0) return null;
  const { start, end } = dice.pick(places);
  const changed = Buffer.from(bytes);
  const at = start + dice.roll(end - start);
  const before = changed[at] ?? 0;
  changed[at] = dice.roll(2) === 0 ? likeness(before, dice) : (before + 1 + dice.roll(255)) % 256;
  return changed;
}

const CLASSES = [
  "0123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  '"\\{}[]:, \n',
].map((characters) => Buffer.from(characters));

/** A byte that may stand where this one stood: another digit, another letter, the same letter in the other case. */
function likeness(byte: number, dice: Dice): number {
  const own = CLASSES.find((characters) => characters.includes(byte));
  if (own === undefined) return byte ^ (1 << dice.roll(8));
  const isLetter = /[a-z]/i.test(String.fromCharCode(byte));
  if (isLetter && dice.roll(3) === 0) return byte ^ 0x20;
  const others = [...own].filter((each) => each !== byte);
  return dice.pick(others);
}

/** Every way to change the whole, by its name. */
export const FORGERIES: { readonly [name: string]: Forge } = {
  "a line is missing": ({ bundle, dice }) => {
    const lines = written(bundle);
    const gone = dice.roll(lines.length);
    return isFree(lines[gone]) ? null : joined(lines.filter((_, at) => at !== gone));
  },
  "a line stands twice": ({ bundle, dice }) => {
    const lines = written(bundle);
    const at = dice.roll(lines.length);
    return joined(lines.toSpliced(at, 0, lines[at] ?? ""));
  },
  "two lines have changed places": ({ bundle, dice }) => {
    const lines = written(bundle);
    const [one, two] = [dice.roll(lines.length), dice.roll(lines.length)];
    return joined(lines.with(one, lines[two] ?? "").with(two, lines[one] ?? ""));
  },
  "the lines are all there, in another order": ({ bundle }) => joined(written(bundle).toReversed()),
  "the checkpoint stands first": ({ bundle }) => {
    const lines = written(bundle);
    return joined([lines.at(-1) ?? "", ...lines.slice(0, -1)]);
  },
  "a line of another order's bundle is put in": ({ bundle, other, dice }) => {
    const lines = written(bundle);
    const foreign = written(other.bundle).filter(
      (line) => !isFree(line) || line.includes('"seal"'),
    );
    return joined(lines.toSpliced(dice.roll(lines.length + 1), 0, dice.pick(foreign)));
  },
  "a line of another order's bundle is in the place of one": ({ bundle, other, dice }) => {
    const lines = written(bundle);
    const at = dice.roll(lines.length);
    const kind = lines[at]?.slice(0, 14) ?? "";
    const foreign = written(other.bundle).filter(
      (line) => line.startsWith(kind) && line !== lines[at],
    );
    return foreign.length === 0 || isFree(lines[at])
      ? null
      : joined(lines.with(at, dice.pick(foreign)));
  },
  "the file is cut": ({ bundle, dice }) => {
    const bytes = bytesOf(bundle);
    return bytes.subarray(0, dice.roll(bytes.length));
  },
  "the last entries are missing": ({ bundle, dice }) => {
    const kept = dice.roll(bundle.lines.length);
    return kept === 0 ? null : { ...bundle, lines: bundle.lines.slice(0, kept), seals: [] };
  },
  "the first entry is missing": ({ bundle }) => ({ ...bundle, lines: bundle.lines.slice(1) }),
  "an entry is altered": ({ bundle, dice }) => ({ ...bundle, lines: altered(bundle.lines, dice) }),
  "an entry is altered and the chain written anew": ({ bundle, dice }) => ({
    ...bundle,
    lines: chained(altered(bundle.lines, dice)),
  }),
  "an entry is left out and the chain written anew": ({ bundle, dice }) => {
    const at = dice.roll(bundle.lines.length);
    const lines = bundle.lines.toSpliced(at, 1);
    return lines.length === 0 ? null : { ...bundle, lines: chained(lines) };
  },
  "two entries change places and the chain is written anew": ({
    bundle: { lines, ...rest },
    dice,
  }) => {
    const [one, two] = [dice.roll(lines.length), dice.roll(lines.length)];
    const turned = lines.with(one, lines[two] ?? "").with(two, lines[one] ?? "");
    return one === two ? null : { ...rest, lines: chained(turned) };
  },
  "an entry is invented at the end": ({ bundle, dice }) => ({
    ...bundle,
    lines: chained([...bundle.lines, dice.pick(bundle.lines)]),
  }),
  "all hashes are computed anew, the log's too, and signed by another key": (given) => {
    const lines = chained(altered(given.bundle.lines, given.dice));
    return inOwnLog(given, lines, (log) => noteOf(log, log.size, FORGER));
  },
  "all hashes are computed anew, the log's too, under the signature that was there": (given) => {
    const lines = chained(altered(given.bundle.lines, given.dice));
    return inOwnLog(given, lines, (log) => {
      const [body] = noteOf(log, log.size, FORGER).split("\n\n");
      return `${body}\n\n${given.bundle.note.split("\n\n")[1]}`;
    });
  },
  "a log of its own signs the truth": (given) =>
    inOwnLog(given, given.bundle.lines, (log) => noteOf(log, log.size, FORGER)),
  "an entry nests so deep that its reader runs out of stack": ({ bundle }) => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const last = (bundle.lines.at(-1) ?? "").replace(/"payload":\{/, `"payload":{"deep":${deep},`);
    return { ...bundle, lines: [...bundle.lines.slice(0, -1), last.replace(",}", "}")] };
  },
  "the log itself has signed an entry with a key that stands twice": (given) => {
    const last = given.bundle.lines.at(-1) ?? "";
    const doubled = last.replace('"type"', '"type":"FORGED","type"');
    const lines = [...given.bundle.lines.slice(0, -1), doubled];
    return inOwnLog(given, lines, (log) => noteOf(log, log.size));
  },
  "two orders are spliced": ({ bundle, other, dice }) => {
    const kept = 1 + dice.roll(bundle.lines.length);
    const rest = other.bundle.lines.slice(dice.roll(other.bundle.lines.length));
    return { ...bundle, lines: [...bundle.lines.slice(0, kept), ...rest] };
  },
  "two orders are spliced under one id, and the chain written anew": ({ bundle, other, dice }) => {
    const kept = 1 + dice.roll(bundle.lines.length);
    const rest = other.bundle.lines
      .slice(dice.roll(other.bundle.lines.length))
      .map((line) => line.replace(other.bundle.order, bundle.order));
    const definitions = [...bundle.definitions, ...other.bundle.definitions];
    const digests = new Set(definitions.map(({ digest }) => digest));
    return {
      ...bundle,
      lines: chained([...bundle.lines.slice(0, kept), ...rest]),
      definitions: digests.size === definitions.length ? definitions : bundle.definitions,
    };
  },
  "another order's entries are under this order's proof": ({ bundle, other }) => ({
    ...other.bundle,
    order: bundle.order,
    proof: bundle.proof,
  }),
  "the proof is another order's": ({ bundle, other }) => ({ ...bundle, proof: other.bundle.proof }),
  "the order has another id": ({ bundle, other }) => ({ ...bundle, order: other.bundle.order }),
  "the order has another id in all its lines": ({ bundle, other }) => ({
    ...bundle,
    order: other.bundle.order,
    lines: chained(bundle.lines.map((line) => line.replace(bundle.order, other.bundle.order))),
  }),
  "the checkpoint is older than the last entry": ({ bundle, log, dice }) => {
    if (bundle.proof.position === 1) return null;
    return { ...bundle, note: noteOf(log, 1 + dice.roll(bundle.proof.position - 1)) };
  },
  "the checkpoint is older, and the proof says so": ({ bundle, log, dice }) => {
    if (bundle.proof.position === 1) return null;
    const size = 1 + dice.roll(bundle.proof.position - 1);
    return { ...bundle, proof: { ...bundle.proof, size }, note: noteOf(log, size) };
  },
  "the checkpoint is older, and the proof is of one that it has": ({
    bundle,
    history,
    log,
    dice,
  }) => {
    if (bundle.lines.length === 1) return null;
    const before = bundleOf(history, log, { entries: bundle.lines.length - 1 });
    const room = bundle.proof.position - before.proof.position;
    const size = before.proof.position + dice.roll(room);
    const older = bundleOf(history, log, { entries: bundle.lines.length - 1, size });
    return { ...bundle, proof: older.proof, note: older.note };
  },
  "the checkpoint says another size": ({ bundle, dice }) => {
    const size = bundle.proof.size + 1 + dice.roll(99);
    const note = bundle.note.replace(`\n${bundle.proof.size}\n`, `\n${size}\n`);
    return { ...bundle, note, proof: { ...bundle.proof, size } };
  },
  "the checkpoint says another time": ({ bundle, dice }) => ({
    ...bundle,
    note: bundle.note.replace(/time 2026/, `time ${2020 + dice.roll(6)}`),
  }),
  "the head names another log": ({ bundle }) => ({ ...bundle, origin: "other.example" }),
  "the proof names another size": ({ bundle: { proof, ...rest } }) => ({
    ...rest,
    proof: { ...proof, size: proof.size + 1 },
  }),
  "the log has another name": ({ bundle }) => ({
    ...bundle,
    origin: "other.example",
    note: bundle.note.replaceAll(bundle.origin, "other.example"),
  }),
  "the position is another": ({ bundle, dice }) => {
    const position = 1 + dice.roll(bundle.proof.size);
    return { ...bundle, proof: { ...bundle.proof, position } };
  },
  "the position is one beyond the log whose way up is the same": ({
    bundle: { proof, ...rest },
  }) => ({
    ...rest,
    proof: { ...proof, position: proof.position + 2 ** 40 },
  }),
  "the position is one within the log whose way begins the same": ({ bundle, history, log }) => {
    // At the right edge each step of the way goes to the left: so does that of the leaf whose index is all ones.
    const { proof, note } = bundleOf(history, log, { size: bundle.proof.position });
    return { ...bundle, note, proof: { ...proof, position: 2 ** proof.path.length } };
  },
  "the proof is shorter": ({ bundle, dice }) => {
    const { path } = bundle.proof;
    if (path.length === 0) return null;
    return {
      ...bundle,
      proof: { ...bundle.proof, path: path.toSpliced(dice.roll(path.length), 1) },
    };
  },
  "the proof is longer": ({ bundle, dice }) => {
    const { path } = bundle.proof;
    const more = Buffer.from(dice.bytes(32)).toString("base64");
    const longer = path.toSpliced(dice.roll(path.length + 1), 0, more);
    return { ...bundle, proof: { ...bundle.proof, path: longer } };
  },
  "the signature is another key's": ({ bundle }) => {
    const [body] = bundle.note.split("\n\n");
    return { ...bundle, note: signNote(`${body}\n`, [FORGER]) };
  },
  "another signature stands beside the log's": ({ bundle }) => {
    const [body] = bundle.note.split("\n\n");
    const [, line = ""] = signNote(`${body}\n`, [FORGER]).split("\n\n");
    return { ...bundle, note: `${bundle.note}${line}` };
  },
  "the log's signature stands twice": ({ bundle }) => {
    const [, line = ""] = bundle.note.split("\n\n");
    return { ...bundle, note: `${bundle.note}${line}` };
  },
  "the signature's S is the group's order larger (RFC 8032 5.1.7)": ({ bundle }) => {
    const signature = parseNote(bundle.note)?.signatures[0];
    if (signature === undefined) return null;
    const larger = plusGroupOrder(signature.signature);
    const bytes = Buffer.concat([Buffer.from(signature.keyId, "hex"), larger]);
    const [body] = bundle.note.split("\n\n");
    return {
      ...bundle,
      note: `${body}\n\n\u2014 ${signature.name} ${bytes.toString("base64")}\n`,
    };
  },
  "two opened values have changed places": ({ bundle, dice }) => {
    const { seals } = bundle;
    const [one, two] = [dice.roll(seals.length || 1), dice.roll(seals.length || 1)];
    const [first, second] = [seals[one], seals[two]];
    if (first === undefined || second === undefined || first.value === second.value) return null;
    const turned = seals
      .with(one, { ...first, value: second.value, salt: second.salt })
      .with(two, { ...second, value: first.value, salt: first.salt });
    return { ...bundle, seals: turned };
  },
  "an opened value is another's, with its commitment": ({ bundle, other }) => {
    const [foreign] = other.bundle.seals;
    return foreign === undefined ? null : { ...bundle, seals: [...bundle.seals, foreign] };
  },
  "an opened value is invented, with a commitment of its own": ({ bundle, dice }) => {
    const salt = dice.bytes(32);
    const commitment = commitmentOf(salt, "Mallory");
    const invented = {
      ...{ commitment, salt: Buffer.from(salt).toString("hex") },
      value: canonicalText("Mallory"),
    };
    return {
      ...bundle,
      seals: bundle.seals.length === 0 ? [invented] : bundle.seals.with(0, invented),
    };
  },
  "an opened value is invented under the commitment that is there": ({ bundle }) => {
    const [seal] = bundle.seals;
    return seal === undefined
      ? null
      : { ...bundle, seals: bundle.seals.with(0, { ...seal, value: '"Mallory"' }) };
  },
  "a byte goes from the value to the salt": ({ bundle }) => {
    const [seal] = bundle.seals;
    if (seal === undefined) return null;
    const byte = Buffer.from(seal.value).subarray(0, 1).toString("hex");
    const moved = { ...seal, salt: seal.salt + byte, value: seal.value.slice(1) };
    return { ...bundle, seals: bundle.seals.with(0, moved) };
  },
  "opened values are in another order": ({ bundle }) =>
    bundle.seals.length < 2 ? null : { ...bundle, seals: bundle.seals.toReversed() },
  "the definition is another": ({ bundle }) => ({
    ...bundle,
    definitions: [definitionOf({ process: "forged" }), ...bundle.definitions.slice(1)],
  }),
  "the definition is another under the digest that is there": ({ bundle }) => ({
    ...bundle,
    definitions: bundle.definitions.map((each) => ({
      ...each,
      text: definitionOf({ process: "forged" }).text,
    })),
  }),
  "a definition stands beside those that are named": ({ bundle }) => ({
    ...bundle,
    definitions: [...bundle.definitions, definitionOf({ process: "forged" })],
  }),
  "a line is written with blanks": rewritten((line) => line.replaceAll('":', '": ')),
  "a line has a blank at its end": rewritten((line) => `${line} `),
  "a line ends as on Windows": rewritten((line) => `${line}\r`),
  "a letter is written as an escape": rewritten((line) => line.replace('"k', '"\\u006b')),
  "a slash is written as an escape": rewritten((line) => line.replace("/", "\\/")),
  "a line's members are in another order": rewritten((line) => {
    const [first, ...rest] = Object.entries(asObject(line));
    return first === undefined ? line : JSON.stringify(Object.fromEntries([...rest, first]));
  }),
  "a key stands twice": rewritten((line) => line.replace("{", `{"kind":"entry",`)),
  "a member is too many": rewritten((line) => line.replace(/\}$/, ',"note2":""}')),
  "a number is written as a fraction": ({ bundle }) =>
    bundleText(bundle).replace(/"size":(\d+)/, '"size":$1.0'),
  "a number is written with an exponent": ({ bundle }) =>
    bundleText(bundle).replace(/"position":(\d+)/, '"position":$1e0'),
  "a number is a text": ({ bundle }) =>
    bundleText(bundle).replace(/"position":(\d+)/, '"position":"$1"'),
  "the version is true": ({ bundle }) => bundleText(bundle).replace('"v":1', '"v":true'),
  "the version is another": ({ bundle }) => bundleText(bundle).replace('"v":1', '"v":2'),
  "the file begins with a byte order mark": ({ bundle }) => `\u{feff}${bundleText(bundle)}`,
  "the file ends without a line feed": ({ bundle }) => bundleText(bundle).slice(0, -1),
  "the file ends with another byte": ({ bundle }) => `${bundleText(bundle).slice(0, -1)} `,
  "the file ends with an empty line": ({ bundle }) => `${bundleText(bundle)}\n`,
  "hex digits are capital letters": ({ bundle }) => {
    const [seal] = bundle.seals;
    return seal === undefined
      ? null
      : { ...bundle, seals: bundle.seals.with(0, { ...seal, salt: seal.salt.toUpperCase() }) };
  },
  "a path's base64 has other unused bits": ({ bundle: { proof, ...rest } }) => {
    const [first] = proof.path;
    return first === undefined
      ? null
      : { ...rest, proof: { ...proof, path: proof.path.with(0, otherBits(first, 1)) } };
  },
  "a signature's base64 has other unused bits": ({ bundle }) => ({
    ...bundle,
    note: bundle.note.replace(/ (\S+)\n$/, (_, text: string) => ` ${otherBits(text, 1)}\n`),
  }),
  "base64 is without its padding": ({ bundle: { proof, ...rest } }) => ({
    ...rest,
    proof: { ...proof, path: proof.path.map((text) => text.replace("=", "")) },
  }),
  "base64 is in the alphabet of URLs": ({ bundle: { proof, ...rest } }) => ({
    ...rest,
    proof: {
      ...proof,
      path: proof.path.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    },
  }),
  "an entry has a blank at its end": ({ bundle, dice }) => {
    const at = dice.roll(bundle.lines.length);
    return { ...bundle, lines: bundle.lines.with(at, `${bundle.lines[at]} `) };
  },
  "an entry's key stands twice, and the chain is written anew": ({ bundle, dice }) => {
    const at = dice.roll(bundle.lines.length);
    const line = (bundle.lines[at] ?? "").replace('"type"', '"type":"FORGED","type"');
    return { ...bundle, lines: bundle.lines.with(at, line) };
  },
};

/** A forgery by chance; none of its bytes are those that were there. */
export function forged(given: Given, name: string): Buffer | null {
  const result = FORGERIES[name]?.(given) ?? null;
  if (result === null) return null;
  const bytes =
    typeof result === "string" || result instanceof Uint8Array
      ? Buffer.from(result)
      : bytesOf(result);
  return isBundleOf(given, bytes) ? null : bytes;
}

/** What was changed by chance into one that is right is none. */
function isBundleOf({ bundle, history, log }: Given, bytes: Buffer): boolean {
  const right = [bundle, bundleOf(history, log, { size: bundle.proof.position })];
  return right.some((each) => bytes.equals(bytesOf(each)));
}

function rewritten(change: (line: string) => string): Forge {
  return ({ bundle, dice }) => {
    const lines = written(bundle);
    const at = dice.roll(lines.length);
    return joined(lines.with(at, change(lines[at] ?? "")));
  };
}

function written(bundle: Bundle): readonly string[] {
  return linesOf(bundle).map((line) => JSON.stringify(line));
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** An opened value may be withheld: a bundle with fewer of them is a bundle. */
function isFree(line: string | undefined): boolean {
  return line === undefined || /^\{"kind":"(seal|readme)"/.test(line);
}

const asObject = (line: string): JsonObject => JSON.parse(line);

function altered(lines: readonly string[], dice: Dice): readonly string[] {
  const at = dice.roll(lines.length);
  const line = lines[at] ?? "";
  const ways: readonly ((entry: JsonObject) => JsonObject)[] = [
    (entry) => ({ ...entry, actor: { sub: "mallory", role: "manager", centre: null } }),
    (entry) => ({ ...entry, at: "2026-01-01T00:00:00.000Z" }),
    (entry) => ({ ...entry, type: `${textIn(entry["type"])}_TOO` }),
    (entry) => ({ ...entry, payload: { ...objectIn(entry["payload"]), price: 1 } }),
    (entry) => ({ ...entry, state: "f".repeat(64) }),
    (entry) => ({ ...entry, sealed: {}, effects: [{ type: "FORGED", params: {} }] }),
  ];
  return lines.with(at, JSON.stringify(dice.pick(ways)(asObject(line))));
}

function objectIn(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textIn(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Revisions and hashes as they would be, had it happened so. */
function chained(lines: readonly string[]): readonly string[] {
  let prev = NO_LINE;
  return lines.map((line, index) => {
    const next = JSON.stringify({ ...asObject(line), revision: index + 1, prev });
    prev = hashLine(next);
    return next;
  });
}

/** The lines stand in a log that is right in itself, beside those of the other order. */
function inOwnLog(
  { bundle, history, other, dice }: Given,
  lines: readonly string[],
  noteIn: (log: EvidenceLog) => string,
): Bundle {
  const log = logOver([{ lines }, other.history], dice);
  const entries = lines.map(asObject).map((entry) => ({
    revision: Number(entry["revision"]),
    digest: textIn(entry["digest"]),
    sealed: {},
  }));
  const own = bundleOf({ ...history, lines, entries: [], values: [] }, log);
  return {
    ...own,
    definitions: bundle.definitions.filter(({ digest }) =>
      entries.some((each) => each.digest === digest),
    ),
    note: noteIn(log),
  };
}

function definitionOf(document: JsonObject) {
  const text = canonicalDefinition(document);
  return { digest: digestOf(text), text };
}

/** RFC 8032 5.1: 2^252 + 27742317777372353535851937790883648493. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function plusGroupOrder(signature: Uint8Array): Buffer {
  const bytes = Buffer.from(signature);
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString("hex")}`);
  const larger = Buffer.from((s + GROUP_ORDER).toString(16).padStart(64, "0"), "hex");
  return Buffer.concat([bytes.subarray(0, 32), larger.toReversed()]);
}

/** The last character before the padding carries bits that no byte takes. */
function otherBits(text: string, bit: number): string {
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const at = text.replace(/=+$/, "").length - 1;
  const value = ALPHABET.indexOf(text[at] ?? "A") ^ bit;
  return `${text.slice(0, at)}${ALPHABET[value] ?? "A"}${text.slice(at + 1)}`;
}
