/** What a bench is told on its command line, or by BENCH_* variables; everything has a default. */

import { parseArgs } from "node:util";

/** `clients` can be given as `--clients 64` or BENCH_CLIENTS=64, `batchSize` as `--batch-size` or BENCH_BATCH_SIZE. */
type Defaults = { readonly [name: string]: number | string };
type Options<Given extends Defaults> = {
  readonly [Name in keyof Given]: Given[Name] extends number ? number : string;
};

/** @throws {Error} for a flag that the bench does not know, and for a number that is none */
export function benchOptions<const Given extends Defaults>(defaults: Given): Options<Given>;
export function benchOptions(defaults: Defaults): { readonly [name: string]: number | string } {
  const names = Object.keys(defaults);
  const { values } = parseArgs({
    options: Object.fromEntries(names.map((name) => [dashed(name), { type: "string" } as const])),
  });
  return Object.fromEntries(
    Object.entries(defaults).map(([name, standard]) => {
      const variable = `BENCH_${dashed(name).replaceAll("-", "_").toUpperCase()}`;
      const given = values[dashed(name)] ?? process.env[variable];
      return [name, given === undefined ? standard : readAs(standard, given, name)];
    }),
  );
}

/** `"1, 2,4"` -> `[1, 2, 4]` */
export function numbersIn(text: string): readonly number[] {
  return text.split(",").map((part) => readNumber(part, "a list"));
}

function readAs(standard: number | string, given: string, name: string): number | string {
  return typeof standard === "number" ? readNumber(given, name) : given;
}

function readNumber(text: string, name: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number)) return number;
  throw new Error(`${name}: expected a number, found "${text}"`);
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
