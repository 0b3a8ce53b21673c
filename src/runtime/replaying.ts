/** Replays a stored history page by page, so that a long one neither fills the memory nor holds up the event loop. */

import { replayNext, type Diverged, type Replayed } from "../audit/replay.ts";
import type { Executable } from "../../machines/compile/executable.ts";
import type { Scope, Store } from "../store/store.ts";
import type { Library } from "./definitions.ts";

const PAGE_ENTRIES = 100;

/**
 * Every entry in turn, from history and definitions alone; a divergence is the last. Ends where the history ended when
 * it was read; nothing at all for an order that the scope does not reach.
 */
export async function* replayStored(
  { store, library }: { readonly store: Store; readonly library: Library },
  id: string,
  scope: Scope,
): AsyncGenerator<Replayed | Diverged, void> {
  const known = new Map<string, Executable>();
  let previous: Replayed | null = null;
  for (;;) {
    const after: number = previous?.entry.revision ?? 0;
    const page = await store.orders.history(id, { after, limit: PAGE_ENTRIES }, scope);
    if (page.length === 0) return;
    for (const { line, hash } of page) {
      const next: Replayed | Diverged = await replayLoading(library, known, previous, line);
      yield next.kind === "replayed" ? hashed(next, hash) : next;
      if (next.kind === "diverged" || next.hash !== hash) return;
      previous = next;
    }
    if (page.length < PAGE_ENTRIES) return;
  }
}

async function replayLoading(
  library: Library,
  known: Map<string, Executable>,
  previous: Replayed | null,
  line: string,
): Promise<Replayed | Diverged> {
  let missing: string | null = null;
  const executableOf = (digest: string): Executable | null => {
    const executable = known.get(digest) ?? null;
    if (executable === null) missing = digest;
    return executable;
  };
  // A migration asks for two definitions, one after the other.
  for (;;) {
    missing = null;
    const next = replayNext(previous, line, executableOf);
    const loaded: Executable | null = missing === null ? null : await library.load(missing);
    if (loaded === null) return next;
    known.set(loaded.digest, loaded);
  }
}

/** The hash is stored beside the line, too. */
function hashed(next: Replayed, hash: string): Replayed | Diverged {
  if (next.hash === hash) return next;
  const { revision } = next.entry;
  return { kind: "diverged", revision, field: "hash", expected: next.hash, found: hash };
}
