/** Handovers: trust goes from key to key by notes that both signed, in any order they are told, and by nothing else. */

import { describe, expect, test } from "vitest";
import { handOver, keysFollowing } from "../../../src/audit/log/handover.ts";
import { signerOf } from "../../../src/audit/log/note-key.ts";
import { signNote } from "../../../src/audit/log/signed-note.ts";

const key = (seed: number, name = "sevenstep/test") =>
  signerOf(name, new Uint8Array(32).fill(seed));
const [first, second, third, other] = [key(1), key(2), key(3), key(2, "sevenstep/other")];
const NOW = Date.UTC(2026, 2, 2);

const trusted = (handovers: readonly string[], from = first) =>
  keysFollowing(from.verifier, handovers).map(({ id }) => id);
const ids = (...keys: readonly (typeof first)[]) => keys.map(({ verifier }) => verifier.id);

describe("keysFollowing", () => {
  const handovers = [handOver(second, third, 20, NOW), handOver(first, second, 10, NOW)];

  test("goes from key to key, whatever the order of the notes", () => {
    expect(trusted(handovers)).toEqual(ids(first, second, third));
    expect(trusted(handovers.toReversed())).toEqual(ids(first, second, third));
  });

  test("never goes back, nor over a gap", () => {
    expect(trusted(handovers, second)).toEqual(ids(second, third));
    expect(trusted(handovers.slice(0, 1))).toEqual(ids(first));
    expect(trusted([])).toEqual(ids(first));
    expect(trusted([handOver(second, first, 10, NOW), handOver(first, second, 10, NOW)])).toEqual(
      ids(first, second),
    );
  });

  test("takes no note that was not signed by both, is of another log, or says something else", () => {
    const body = `sevenstep/test\nkey ${second.verifier.text}\nsize 1\ntime 2026-03-02T00:00:00.000Z\n`;
    expect(trusted([signNote(body, [first, second])])).toEqual(ids(first, second));
    for (const wrong of [
      signNote(body, [first]),
      signNote(body, [second]),
      signNote(body, [second, third]),
      signNote(body.replace("key ", "keys "), [first, second]),
      signNote(body.replace("size 1", "size 01"), [first, second]),
      signNote(body.replace("sevenstep/test\n", "sevenstep/other\n"), [first, second]),
      signNote(body.replace(second.verifier.text, other.verifier.text), [first, other]),
      signNote(`${body}more\n`, [first, second]),
      handOver(first, second, 10, NOW).replace("size 10", "size 11"),
      "",
    ]) {
      expect(trusted([wrong])).toEqual(ids(first));
    }
  });
});
