/**
 * Makes a server leave out what makes its history evidence, by other text in place of some lines of its modules: the chain
 * of hashes, the hash of the state, and the log over all entries. Loaded by `--import`, before the server's own modules.
 */

import { registerHooks } from "node:module";

interface Replacement {
  readonly from: string;
  readonly to: string;
}

const NOTHING = "0".repeat(64);

/** By the end of a module's address. What is replaced stands there once: a module that changed says so here. */
const REPLACEMENTS: { readonly [module: string]: readonly Replacement[] } = {
  "/src/audit/entry.ts": [{ from: "return sha256(line);", to: `return "${NOTHING}";` }],
  "/src/runtime/log-loop.ts": [{ from: "return [grow, keep];", to: "return [];" }],
  "/src/audit/kept-text.ts": [{ from: 'hash("sha256", encoded(pieces))', to: `"${NOTHING}"` }],
};

function textOf(source: unknown): string {
  if (typeof source === "string") return source;
  if (source instanceof Uint8Array) return Buffer.from(source).toString("utf8");
  throw new Error("expected the source of a module");
}

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const found = Object.entries(REPLACEMENTS).find(([module]) => url.endsWith(module));
    if (found === undefined) return loaded;
    const [module, replacements] = found;
    let source = textOf(loaded.source);
    for (const { from, to } of replacements) {
      if (source.split(from).length !== 2) {
        throw new Error(`expected ${from} once in ${module}: the bench has to follow it`);
      }
      source = source.replace(from, to);
    }
    return { ...loaded, source };
  },
});
