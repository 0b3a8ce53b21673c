/** Tells how a long walk goes: every few seconds how far it is and how fast, at the end what each operation answered. */

import type { World } from "./world.ts";

export interface Progress {
  /** After each request. */
  readonly tell: () => void;
  readonly sum: () => void;
}

const EVERY_MS = 5_000;

export function progressOf({ answers }: Pick<World, "answers">): Progress {
  const startedAt = performance.now();
  let toldAt = startedAt;
  let sent = 0;
  const line = (): string => {
    const perSecond = sent / ((performance.now() - startedAt) / 1_000);
    const classes = counted(
      [...answers.values()].flatMap((each) => [...each]),
      ofClass,
    );
    return `fuzz: ${sent} requests, ${perSecond.toFixed(0)}/s: ${classes}`;
  };
  return {
    tell: () => {
      sent += 1;
      if (performance.now() < toldAt + EVERY_MS) return;
      toldAt = performance.now();
      console.log(line());
    },
    sum: () => {
      const rows = [...answers].toSorted(([a], [b]) => a.localeCompare(b));
      const table = rows.map(([name, each]) => `  ${name.padEnd(22)} ${counted(each, String)}`);
      console.log([...table, line()].join("\n"));
    },
  };
}

function ofClass(status: number): string {
  return `${Math.floor(status / 100)}xx`;
}

function counted(
  answers: Iterable<readonly [number, number]>,
  nameOf: (status: number) => string,
): string {
  const sums = new Map<string, number>();
  for (const [status, times] of answers) {
    const name = nameOf(status);
    sums.set(name, (sums.get(name) ?? 0) + times);
  }
  const sorted = [...sums].toSorted(([a], [b]) => a.localeCompare(b));
  return sorted.map(([name, times]) => `${times} x ${name}`).join(", ");
}
