/** Notes and checkpoints: what others sign is read, what is signed others read, and one byte changed is refused. */

import { describe, expect, test } from "vitest";
import {
  parseCheckpoint,
  readCheckpoint,
  signCheckpoint,
  type Checkpoint,
} from "../../../src/audit/log/checkpoint.ts";
import { parseSignerKey, parseVerifierKey, signerOf } from "../../../src/audit/log/note-key.ts";
import { isSignedBy, parseNote, signNote } from "../../../src/audit/log/signed-note.ts";

/** The example of Go's `golang.org/x/mod/sumdb/note`. */
const GO = {
  secret: "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
  key: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  note: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
};

const signer = signerOf("sevenstep/test", new Uint8Array(32).fill(9));
const { verifier } = signer;
const CHECKPOINT: Checkpoint = {
  origin: "sevenstep/test",
  size: 42,
  root: new Uint8Array(32).fill(3),
  time: "2026-03-02T08:00:00.000Z",
};

function present<T>(value: T | null): T {
  if (value === null) throw new Error("expected a value");
  return value;
}

describe("a signed note", () => {
  test("is the one that Go's tools write, key by key and byte by byte", () => {
    const key = present(parseSignerKey(GO.secret));
    expect(key.verifier.text).toBe(GO.key);
    expect(key.secret).toBe(GO.secret);
    const note = present(parseNote(GO.note));
    expect(isSignedBy(note, present(parseVerifierKey(GO.key)))).toBe(true);
    expect(signNote(note.body, [key])).toBe(GO.note);
  });

  test("is not believed from another key, nor with another text", () => {
    const note = present(parseNote(signNote("text\n", [signer])));
    expect(isSignedBy(note, present(parseVerifierKey(GO.key)))).toBe(false);
    expect(isSignedBy({ ...note, body: "texts\n" }, verifier)).toBe(false);
    const two = present(
      parseNote(signNote("text\n", [signer, present(parseSignerKey(GO.secret))])),
    );
    expect(isSignedBy(two, present(parseVerifierKey(GO.key)))).toBe(true);
    const [first] = note.signatures;
    const [other] = present(parseNote(signNote("other\n", [signer]))).signatures;
    if (first === undefined || other === undefined) throw new Error("expected signatures");
    expect(isSignedBy({ body: "text\n", signatures: [first, other] }, verifier)).toBe(false);
  });

  test("has a text of lines, without other control characters", () => {
    for (const body of ["", "no line feed", "a\tb\n", "a\rb\n", "\ud800\n"]) {
      expect(() => signNote(body, [signer])).toThrow(TypeError);
    }
  });
});

describe("a key", () => {
  test("is written in one way", () => {
    expect(present(parseVerifierKey(verifier.text)).text).toBe(verifier.text);
    for (const wrong of [
      "",
      "sevenstep/test",
      verifier.text.slice(0, -1),
      `${verifier.text}+`,
      `${verifier.text}\n`,
      verifier.text.replace("test", "tess"),
      verifier.text.replace(verifier.id, verifier.id.toUpperCase()),
      verifier.text.replace(verifier.id, "00000000"),
      signer.secret,
    ]) {
      if (wrong !== verifier.text) expect(parseVerifierKey(wrong)).toBeNull();
    }
    expect(parseSignerKey(verifier.text)).toBeNull();
    expect(() => signerOf("two words", new Uint8Array(32))).toThrow(TypeError);
    expect(() => signerOf("a+b", new Uint8Array(32))).toThrow(TypeError);
  });
});

describe("a checkpoint", () => {
  const text = signCheckpoint(CHECKPOINT, signer);

  test("is a note of five lines over its signature", () => {
    expect(text.split("\n").slice(0, 5)).toEqual([
      "sevenstep/test",
      "42",
      "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=",
      "time 2026-03-02T08:00:00.000Z",
      "",
    ]);
    const read = readCheckpoint(text, verifier);
    if (read.kind !== "checkpoint") throw new Error(`expected a checkpoint, found ${read.kind}`);
    expect({ ...read.checkpoint, root: Uint8Array.from(read.checkpoint.root) }).toEqual(CHECKPOINT);
  });

  test("is refused with any one of its bytes changed, left out or doubled", () => {
    const bytes = Buffer.from(text);
    let tried = 0;
    const refused = (other: Buffer): void => {
      const changed = other.toString("utf8");
      if (Buffer.from(changed).equals(other)) {
        expect(readCheckpoint(changed, verifier).kind).not.toBe("checkpoint");
      }
      tried += 1;
    };
    for (const at of bytes.keys()) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64, 128]) {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ mask;
        refused(other);
      }
      refused(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]));
      refused(Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)]));
    }
    expect(tried).toBe(bytes.length * 10);
  });

  test("is refused under another name than its log's, and with another writing of a number or an instant", () => {
    const body =
      "sevenstep/test\n42\nAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=\ntime 2026-03-02T08:00:00.000Z\n";
    expect(parseCheckpoint(body)).not.toBeNull();
    for (const [from, to] of [
      ["42", "042"],
      ["42", "+42"],
      ["42", "4.2e1"],
      ["42", "99999999999999999"],
      ["AwM=", "AwN="],
      ["AwM=", "AwM"],
      [".000Z", "Z"],
      ["Z\n", "z\n"],
      ["03-02", "02-30"],
      ["\ntime", "\nTime"],
      ["Z\n", "Z\nmore\n"],
    ] as const) {
      expect(parseCheckpoint(body.replace(from, to))).toBeNull();
    }
    const foreign = signerOf("sevenstep/other", new Uint8Array(32).fill(9));
    expect(readCheckpoint(signCheckpoint(CHECKPOINT, foreign), foreign.verifier).kind).toBe(
      "unsigned",
    );
    expect(readCheckpoint("", verifier).kind).toBe("malformed");
  });
});
