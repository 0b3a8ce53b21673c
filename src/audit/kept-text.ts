/**
 * The JSON text of data that changes little: a member that is the very same as before keeps its text. Data is never
 * changed in place, so the same object has the same text.
 */

import { hash } from "node:crypto";
import { isJsonObject, type JsonObject } from "../../machines/json.ts";

interface Kept {
  readonly text: string;
  /** In UTF-8; null until they are asked for. */
  bytes: Buffer | null;
}

/** A text is put together of these. */
type Piece = string | Kept;

/** What has been put together so far; `text` goes behind the pieces. */
interface Draft {
  readonly pieces: Piece[];
  text: string;
}

interface Members {
  readonly [name: string]: unknown;
}

/** An object that is made anew each time around data that is not. */
interface Around extends Members {
  readonly data: JsonObject;
}

export interface HashedText {
  readonly text: string;
  /** Lowercase hex of the SHA-256 of the text's UTF-8 bytes. */
  readonly hash: string;
}

const known = new WeakMap<object, Kept>();
/** Shorter ones are made as fast as they are found. Most are made anew with each step, and would only cost the collector. */
const WORTH_KEEPING = 128;

/** What `JSON.stringify` gives, character by character. */
export function jsonText(object: JsonObject): string {
  return textOf(piecesOf(object, null));
}

/** The same of an object around data. */
export function jsonTextAround(object: Around): string {
  return textOf(piecesOf(object, "data"));
}

/** That text, and its hash: over the bytes that were kept, since most of a text that is made anew was hashed before. */
export function hashedTextAround(object: Around): HashedText {
  const pieces = piecesOf(object, "data");
  return { text: textOf(pieces), hash: hash("sha256", encoded(pieces)) };
}

/**
 * That text in UTF-8. What was kept is copied as bytes: in a text as a whole, one character beyond Latin-1 makes all of them
 * take twice the memory, and be encoded one by one.
 */
export function jsonBytesAround(object: Around): Buffer<ArrayBuffer> {
  return Buffer.from(encoded(piecesAround(object)));
}

/**
 * Of an answer nothing but the data is seen again: to keep the rest would fill the memory of texts, and what stands before
 * the data and what behind it are written in one go each.
 */
function piecesAround(object: Around): readonly Piece[] {
  const before: Record<string, unknown> = {};
  const behind: Record<string, unknown> = {};
  let part = before;
  for (const name of Object.keys(object)) {
    if (name === "data") part = behind;
    else part[name] = object[name];
  }
  const head = JSON.stringify(before).slice(0, -1);
  const tail = JSON.stringify(behind).slice(1);
  return [
    `${head}${head === "{" ? "" : ","}"data":`,
    ...piecesOf(object.data, null),
    tail === "}" ? tail : `,${tail}`,
  ];
}

/** @param opened the member whose own members are kept one by one */
function piecesOf(object: Members, opened: string | null): readonly Piece[] {
  const draft: Draft = { pieces: [], text: "" };
  addObject(object, opened, draft);
  draft.pieces.push(draft.text);
  return draft.pieces;
}

function addObject(object: Members, opened: string | null, draft: Draft): void {
  let isEmpty = true;
  for (const name of Object.keys(object)) {
    const member = object[name];
    const inner = name === opened && isJsonObject(member) ? member : null;
    const piece = inner === null ? pieceOf(member) : "";
    if (piece === undefined) continue;
    draft.text += isEmpty ? `{${keyText(name).slice(1)}` : keyText(name);
    isEmpty = false;
    if (inner !== null) addObject(inner, null, draft);
    else if (typeof piece === "string") draft.text += piece;
    else {
      draft.pieces.push(draft.text, piece);
      draft.text = "";
    }
  }
  draft.text += isEmpty ? "{}" : "}";
}

/** Undefined for what JSON leaves out. */
function pieceOf(member: unknown): Piece | undefined {
  if (typeof member !== "object" || member === null) return JSON.stringify(member);
  if (Array.isArray(member) && member.length === 0) return "[]";
  const before = known.get(member);
  if (before !== undefined) return before;
  const text = JSON.stringify(member);
  if (text.length < WORTH_KEEPING) return text;
  const kept = { text, bytes: null };
  known.set(member, kept);
  return kept;
}

const keyTexts = new Map<string, string>();
/** The members of a document's data have few names; whoever sends others empties the memory, never more. */
const REMEMBERED_KEYS = 4_096;

/** With the comma before it. */
function keyText(name: string): string {
  const before = keyTexts.get(name);
  if (before !== undefined) return before;
  const text = `,${JSON.stringify(name)}:`;
  if (keyTexts.size >= REMEMBERED_KEYS) keyTexts.clear();
  keyTexts.set(name, text);
  return text;
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

/** Good until the next call. */
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
    else {
      room.set(piece.bytes ?? NO_BYTES, at);
      at += piece.bytes?.length ?? 0;
    }
  }
  return room.subarray(0, at);
}

const NO_BYTES = Buffer.alloc(0);
