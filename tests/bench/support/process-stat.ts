/** What the system knows of another process: the processor time that it used, and the memory that it holds (Linux). */

import { readdir, readFile } from "node:fs/promises";

/** Clock ticks per second that /proc counts in: 100 on every Linux there is (USER_HZ). */
const TICKS_PER_S = 100;

/** User and system, of all its threads. */
export async function cpuMsOf(pid: number): Promise<number> {
  return (await statOf(pid)).cpuMs;
}

/** Of the process and of its children, those that have ended too. */
export async function familyCpuMsOf(pid: number): Promise<number> {
  const all = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(all.map((each) => statOf(each).catch(() => null)));
  const children = stats.filter((stat) => stat?.parent === pid);
  const { cpuMs, endedMs } = await statOf(pid);
  return children.reduce((sum, child) => sum + (child?.cpuMs ?? 0), cpuMs + endedMs);
}

interface Stat {
  readonly parent: number;
  readonly cpuMs: number;
  /** Of children that have ended. */
  readonly endedMs: number;
}

async function statOf(pid: number): Promise<Stat> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // Behind the command's name, which may hold anything: proc(5), fields 4 and 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ms = (...places: readonly number[]): number =>
    places.reduce((sum, place) => sum + (Number(fields[place]) * 1_000) / TICKS_PER_S, 0);
  return { parent: Number(fields[1]), cpuMs: ms(11, 12), endedMs: ms(13, 14) };
}

/** Resident, in MB. */
export async function memoryMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
