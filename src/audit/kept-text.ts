/**
 * The JSON text of data that changes little: a member that is the very same as before keeps its text. Data is never
 * changed in place, so the same object has the same text.
 */

import type { Json, JsonObject } from "../../machines/json.ts";

interface Kept {
  readonly text: string;
  /** In UTF-8; null until they are asked for. */
  bytes: Buffer | null;
}

/** A text is put together of these. */
type Piece = string | Kept;

/** An object that is made anew each time around data that is not. */
interface Around {
  readonly data: JsonObject;
  readonly [member: string]: unknown;
}

const known = new WeakMap<object, Kept>();
/** Shorter ones are made as fast as they are found. */
const WORTH_KEEPING = 256;

/** What `JSON.stringify` gives, character by character. */
export function jsonText(object: JsonObject): string {
  return textOf(piecesOf(object));
}

/** The same of an object around data. */
export function jsonTextAround(object: Around): string {
  return textOf(piecesAround(object));
}

/**
 * That text in UTF-8. What was kept is copied as bytes: in a text as a whole, one character beyond Latin-1 makes all of them
 * take twice the memory, and be encoded one by one.
 */
export function jsonBytesAround(object: Around): Buffer<ArrayBuffer> {
  return encoded(piecesAround(object));
}

function piecesOf(object: JsonObject): readonly Piece[] {
  return joined(Object.entries(object), (_, member) => pieceOf(member));
}

function piecesAround(object: Around): readonly Piece[] {
  return joined(Object.entries(object), (name, member) =>
    name === "data" ? piecesOf(object.data) : JSON.stringify(member),
  );
}

function joined<Member>(
  members: readonly (readonly [string, Member])[],
  of: (name: string, member: Member) => Piece | readonly Piece[] | undefined,
): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = "{";
  const add = (piece: Piece): void => {
    if (typeof piece === "string") text += piece;
    else {
      pieces.push(text, piece);
      text = "";
    }
  };
  let isFirst = true;
  for (const [name, member] of members) {
    const own = of(name, member);
    if (own === undefined) continue;
    text += `${isFirst ? "" : ","}${JSON.stringify(name)}:`;
    isFirst = false;
    if (isSeveral(own)) for (const piece of own) add(piece);
    else add(own);
  }
  pieces.push(`${text}}`);
  return pieces;
}

function isSeveral(own: Piece | readonly Piece[]): own is readonly Piece[] {
  return Array.isArray(own);
}

/** Undefined for what JSON leaves out. */
function pieceOf(member: Json): Piece | undefined {
  if (typeof member !== "object" || member === null) return JSON.stringify(member);
  const before = known.get(member);
  if (before !== undefined) return before;
  const text = JSON.stringify(member);
  if (text.length < WORTH_KEEPING) return text;
  const kept = { text, bytes: null };
  known.set(member, kept);
  return kept;
}

function textOf(pieces: readonly Piece[]): string {
  let text = "";
  for (const piece of pieces) text += typeof piece === "string" ? piece : piece.text;
  return text;
}

/** As long as nearly all are that are put together. */
const scratch = Buffer.allocUnsafeSlow(65_536);
/** UTF-8 takes no more of a UTF-16 code unit. */
const MOST_BYTES = 3;

function encoded(pieces: readonly Piece[]): Buffer<ArrayBuffer> {
  let most = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") most += piece.length * MOST_BYTES;
    else most += (piece.bytes ??= Buffer.from(piece.text)).length;
  }
  const room = most <= scratch.length ? scratch : Buffer.allocUnsafe(most);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === "string") at += room.write(piece, at);
    else at += piece.bytes?.copy(room, at) ?? 0;
  }
  return Buffer.from(room.subarray(0, at));
}
