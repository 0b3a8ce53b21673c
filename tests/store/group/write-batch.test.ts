/** A batch is written once, whatever other batches learn meanwhile, and however long one of its rows is held. */

import { describe, expect, test } from "vitest";

import type { Database } from "../../../src/store/database.ts";
import { createWriteBatch } from "../../../src/store/group/write-batch.ts";
import { nowhere, plannedWrite } from "./support.ts";

const writes = [plannedWrite("o2"), plannedWrite("o1")];

const written = (isTold: boolean, ids: readonly string[] = ["o1", "o2"]) => [
  JSON.stringify({ ids, now: 7, isTold }),
];

function heldUp(): Error {
  return Object.assign(new Error("canceling statement due to lock timeout"), { code: "55P03" });
}

/** Answers one statement after the other, and keeps their names. */
function answering(...answers: readonly (() => Promise<readonly string[]>)[]) {
  const names: string[] = [];
  const prepared: Database["prepared"] = ({ name }) => {
    const answer = answers[names.length];
    names.push(name);
    return answer === undefined ? Promise.reject(new Error(`not expected: ${name}`)) : answer();
  };
  return { names, writeBatch: createWriteBatch({ db: nowhere, prepared }) };
}

const giving = (isTold: boolean, ids?: readonly string[]) => () =>
  Promise.resolve(written(isTold, ids));

describe("a batch", () => {
  test("is one statement, and another one only when somebody is to be told since", async () => {
    const { names, writeBatch } = answering(
      giving(false),
      giving(true, []),
      giving(true),
      giving(true),
    );
    expect((await writeBatch(writes)).ids).toEqual(["o1", "o2"]);
    expect((await writeBatch(writes)).ids).toEqual(["o1", "o2"]);
    expect((await writeBatch(writes)).ids).toEqual(["o1", "o2"]);
    expect(names).toEqual(["batch", "batch", "batch_telling", "batch_telling"]);
  });

  test("leaves out what is held, and is what it was when it was begun", async () => {
    const held = Promise.withResolvers<readonly string[]>();
    const { names, writeBatch } = answering(
      () => held.promise,
      giving(true, []),
      giving(true),
      giving(true, []),
      giving(true),
    );
    const slow = writeBatch(writes);
    // Another one learns that somebody is told.
    await writeBatch(writes);
    held.reject(heldUp());
    expect((await slow).ids).toEqual(["o1", "o2"]);
    expect(names).toEqual(["batch", "batch", "batch_telling", "batch_impatient", "batch_telling"]);
  });

  test("that fails in another way is not tried again", async () => {
    const { names, writeBatch } = answering(() => Promise.reject(new Error("cut")));
    await expect(writeBatch(writes)).rejects.toThrow("cut");
    expect(names).toEqual(["batch"]);
  });

  test("has as many parameters as its statement names, in every form", async () => {
    const found: (readonly [named: number, given: number])[] = [];
    let isHeld = true;
    const writeBatch = createWriteBatch({
      db: nowhere,
      prepared: ({ text }, values) => {
        const named = new Set(text.match(/\$\d+/g));
        found.push([named.size, values.length]);
        isHeld = !isHeld;
        return isHeld ? Promise.resolve(written(true)) : Promise.reject(heldUp());
      },
    });
    await writeBatch(writes);
    await writeBatch(writes);
    for (const [named, given] of found) expect(named).toBe(given);
    expect(new Set(found.map(([named]) => named)).size).toBe(2);
  });
});
