/** What work costs this thread's processor, whoever else keeps the machine busy: a bound on it is no bound on the neighbours. */

/** In milliseconds; the least of a few runs, since what disturbs a run only ever adds. */
export function leastCpuMs(work: () => void, runs = 3): number {
  const took = Array.from({ length: runs }, () => {
    const from = threadCpuMs();
    work();
    return threadCpuMs() - from;
  });
  return Math.min(...took);
}

/** In milliseconds, of all that this thread does until the work is done. */
export async function cpuMsUntil(work: () => Promise<unknown>): Promise<number> {
  const from = threadCpuMs();
  await work();
  return threadCpuMs() - from;
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
