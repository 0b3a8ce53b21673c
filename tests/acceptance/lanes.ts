/** Does the same for many things, as that many clients at once would. */

/** @returns the results in the order of the items */
export async function byClients<Item, Result>(
  clients: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  const client = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return results;
}
