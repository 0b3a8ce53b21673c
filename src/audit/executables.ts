/** Compiled definitions by digest, the most recently used ones kept: compiling costs a thousand steps. */

import type { Chart, Executable } from "../../machines/compile/executable.ts";
import { compile } from "../../machines/compile/compile.ts";
import { digestOf, documentOf } from "../../machines/document/canonical.ts";
import { shapeOf } from "../../machines/document/check-shape.ts";
import { pointerOf } from "../../machines/document/pointer.ts";
import { createLru } from "./lru.ts";

export interface Executables {
  /** Null: not kept at the moment. */
  readonly get: (digest: string) => Executable | null;
  readonly keep: (executable: Executable) => void;
  /** @throws {Error} when the text is not the published definition of this digest */
  readonly compile: (digest: string, canonical: string) => Executable;
  /**
   * The same in parts, since a definition of thousands of states takes some tenths of a second.
   * @param turn lets others have theirs, between two parts
   */
  readonly compileInTurns: (
    digest: string,
    canonical: string,
    turn: () => Promise<void>,
  ) => Promise<Executable>;
}

const CAPACITY = 64;

export function createExecutables(capacity = CAPACITY): Executables {
  const kept = createLru<string, Executable>(capacity);
  const keep = (executable: Executable): void => kept.set(executable.digest, executable);
  return {
    get: kept.get,
    keep,
    compile: (digest, canonical) => {
      const present = kept.get(digest);
      if (present !== null) return present;
      const parts = compiling(digest, canonical);
      for (;;) {
        const part = parts.next();
        if (part.done !== true) continue;
        keep(part.value);
        return part.value;
      }
    },
    compileInTurns: async (digest, canonical, turn) => {
      const parts = compiling(digest, canonical);
      for (;;) {
        const part = parts.next();
        if (part.done === true) {
          keep(part.value);
          return part.value;
        }
        await turn();
      }
    },
  };
}

/**
 * A definition that was published was judged to run; that it no longer does is the release's defect, not its designer's.
 * What its text said where, and whether its schemas are any good, nobody asks any more: that was most of the judgement.
 */
function* compiling(digest: string, canonical: string): Generator<undefined, Executable, void> {
  const found = digestOf(canonical);
  if (found !== digest) {
    throw new Error(`Expected the definition ${digest}, found one with ${found}.`);
  }
  const document = documentOf(canonical);
  yield;
  const shape = shapeOf(document);
  if (shape.kind === "faulty") {
    throw broken(
      digest,
      shape.faults.map(({ rule, path }) => `${rule} at "${pointerOf(path)}"`),
    );
  }
  yield;
  const { executable, findings } = compile(shape.document, digest, { isPublished: true });
  if (executable !== null) {
    const charts = [executable.order, ...[...executable.items.values()].map(({ chart }) => chart)];
    for (const chart of charts) {
      yield;
      makeMachine(chart);
    }
    return executable;
  }
  const errors = findings.filter(({ severity }) => severity === "error");
  throw broken(
    digest,
    errors.map(({ rule, pointer }) => `${rule} at "${pointer}"`),
  );
}

/** It is made when it is first asked for. */
function makeMachine({ machine: _machine }: Chart): void {}

function broken(digest: string, errors: readonly string[]): Error {
  return new Error(
    `The published definition ${digest} does not compile any more: ${errors.length} errors, first ${errors[0]}.`,
  );
}
