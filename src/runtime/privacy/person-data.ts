/** What is done to a person's data, each so that it may be done again: keys first, then what they opened, then the rest. */

import { openBox } from "../../audit/box.ts";
import type { Store } from "../../store/store.ts";
import type { Keyring } from "../keyring.ts";
import { ownTag } from "../keystore.ts";
import { lanesOf } from "./correlated-messages.ts";

export interface PersonDataPorts {
  readonly store: Pick<Store, "sealed" | "persons" | "orders" | "messages">;
  readonly keyring: Pick<Keyring, "destroy" | "read">;
}

/** Orders that are looked at together. */
const PAGE = 200;

/**
 * Destroys the person's key, and then takes away all that is kept beside the histories: from the first step on nothing of
 * it can be read, also in copies of the database.
 * @returns null when the data are restricted: what is kept for somebody's claim is not erased
 * @throws {StoreUnavailable} when the keystore or the database can't be reached
 */
export async function erasePerson(
  { store, keyring }: PersonDataPorts,
  tag: string,
): Promise<{ readonly keys: number; readonly values: number } | null> {
  if (await store.persons.isRestricted(tag)) return null;
  const keys = await keyring.destroy([tag]);
  let values = 0;
  const all: string[] = [];
  for await (const orders of ordersOf(store, tag)) {
    values += await store.persons.erase(orders);
    all.push(...orders);
  }
  await eraseAround(store, all);
  return { keys, values };
}

/**
 * Takes away what servers wrote while they still remembered the key. What was sealed by a new key since is somebody's new
 * beginning, and stays.
 * @returns how many values that was
 */
export async function sweepPerson(
  { store, keyring }: PersonDataPorts,
  tag: string,
): Promise<number> {
  let values = 0;
  const all: string[] = [];
  for await (const orders of ordersOf(store, tag)) {
    const key = (await keyring.read([tag])).get(tag);
    if (key === undefined) values += await store.persons.erase(orders);
    else values += await store.persons.erase(orders, await deadBoxes(store, key, orders));
    all.push(...orders);
  }
  await eraseAround(store, all);
  return values;
}

/** What tells of these orders' person without being theirs; and values in clear leave the files, once none is left. */
async function eraseAround(
  store: PersonDataPorts["store"],
  orders: readonly string[],
): Promise<void> {
  await store.persons.eraseAnswers(orders);
  await store.persons.withdraw(await lanesOf(store, orders));
  await store.sealed.sweep();
}

async function deadBoxes(
  { persons }: PersonDataPorts["store"],
  key: Uint8Array,
  orders: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const dead = new Map<string, readonly string[]>();
  for (const orderId of orders) {
    const boxes = await persons.boxesOf(orderId);
    const gone = boxes.filter(
      ({ commitment, box }) => openBox(key, orderId, commitment, box) === null,
    );
    dead.set(
      orderId,
      gone.map(({ commitment }) => commitment),
    );
  }
  return dead;
}

/** How the tag begins of an order that was made without a subject. */
const OWN = ownTag("");

async function* ordersOf(
  { sealed }: PersonDataPorts["store"],
  tag: string,
): AsyncGenerator<readonly string[]> {
  if (tag.startsWith(OWN)) {
    yield [tag.slice(OWN.length)];
    return;
  }
  for (let after: string | null = null; ;) {
    const page: readonly string[] = await sealed.ordersOf(tag, { after, limit: PAGE });
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1) ?? null;
  }
}
