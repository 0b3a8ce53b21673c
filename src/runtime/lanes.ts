/** Does the same work for many things, a few at a time. */

/** Begins nothing more once the signal aborts or a piece of work throws. @throws what the work throws, when all lanes rest */
export async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) {
      if (signal.aborted || failed.signal.aborted) return;
      try {
        await work(item);
      } catch (error) {
        failed.abort();
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
