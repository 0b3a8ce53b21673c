/** PGlite's folder on disk, with the one thing its own NodeFS leaves out: an fsync reaches the disk before it is answered. */

import { fsyncSync } from "node:fs";

import { NodeFS } from "@electric-sql/pglite/nodefs";

type Init = NodeFS["init"];
type Module = Parameters<Init>[1];
type PreRun = NonNullable<Module["preRun"]>[number];

/** What a stream of Emscripten's NODEFS holds: the descriptor of the real file. */
interface NodeStream {
  readonly nfd?: number;
}

/** Emscripten calls `fsync` of a file system's stream operations when there is one; NODEFS has none (PGlite issue 1107). */
interface StreamOperations {
  fsync?: (stream: NodeStream) => number;
}

export class DurableNodeFs extends NodeFS {
  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(pg, options);
    const preRun = [...(emscriptenOpts.preRun ?? []), addFsync];
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}

const addFsync: PreRun = (module) => {
  const operations: unknown = Reflect.get(module.NODEFS, "stream_ops");
  if (!isStreamOperations(operations)) {
    throw new Error("expected NODEFS of PGlite to have stream_ops: can't make its writes durable");
  }
  operations.fsync = ({ nfd }) => {
    if (nfd !== undefined) fsyncSync(nfd);
    return 0;
  };
};

function isStreamOperations(value: unknown): value is StreamOperations {
  return typeof value === "object" && value !== null && "write" in value;
}
