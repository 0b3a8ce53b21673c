/** Where the process begins: with what takes longest, and then with the rest. */

import { begin } from "./cli/begin.ts";

const args = process.argv.slice(2);
const begun = await begin(args, process.env);
const { run } = await import("./server.ts");
await run(args, begun);
