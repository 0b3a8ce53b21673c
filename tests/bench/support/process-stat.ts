/** What the system knows of another process: the processor time that it used, and the memory that it holds (Linux). */

import { readFile } from "node:fs/promises";

/** Clock ticks per second that /proc counts in: 100 on every Linux there is (USER_HZ). */
const TICKS_PER_S = 100;

/** User and system, of all its threads. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // Behind the command's name, which may hold anything: proc(5), fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_S;
}

/** Resident, in MB. */
export async function memoryMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
