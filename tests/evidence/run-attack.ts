/** The whole attack on evidence bundles as one command: `npm run evidence:attack -- [--bundles 1000] [--bytes 15000] …`. */

import { parseArgs } from "node:util";
import { attack } from "./attack.ts";

const { values } = parseArgs({
  options: {
    bundles: { type: "string", default: "1000" },
    bytes: { type: "string", default: "15000" },
    forgeries: { type: "string", default: "1000" },
    started: { type: "string", default: "50" },
    seed: { type: "string", default: "2026" },
  },
});

const startedAt = Date.now();
const result = await attack({
  bundles: Number(values.bundles),
  bytes: Number(values.bytes),
  forgeries: Number(values.forgeries),
  started: Number(values.started),
  seed: Number(values.seed),
  progress: (text) => process.stderr.write(`${text}\n`),
});
const { bundles, withheld, bytes, forgeries, started, replayed, entries, passed } = result;

process.stdout.write(
  `${JSON.stringify({ ...result, seconds: (Date.now() - startedAt) / 1_000 })}\n`,
);
process.stdout.write(`
${"".padEnd(52)}tried  python   ours
${row("bundles of all entries and values", bundles)}
${row("the same with values withheld or erased", withheld)}
${row("single bytes changed", bytes)}
${row(`forgeries of the whole, in ${forgeries.ways} ways`, forgeries)}
${row("single bytes changed, by python3 verify.py", started)}

${replayed} of ${bundles.count} bundles replayed under their definitions, ${entries} entries.
${passed.length === 0 ? "Nothing that was changed was believed." : `BELIEVED: ${passed.join("; ")}`}
`);

const isWhole = [bundles, withheld].every(
  (each) => each.python === each.count && each.ours === each.count,
);
if (!isWhole || replayed !== bundles.count || passed.length > 0) process.exitCode = 1;

function row(
  what: string,
  asked: { readonly count: number; readonly python: number; readonly ours: number },
) {
  const numbers = [asked.count, asked.python, asked.ours].map((each) => String(each).padStart(7));
  return `${what.padEnd(50)}${numbers.join(" ")}`;
}
