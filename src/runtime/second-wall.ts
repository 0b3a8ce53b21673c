/**
 * A store whose answers to a caller's scope are looked at again, row by row, by the centre that stands in the row itself:
 * where a query forgot its condition, what it found still looks absent. Both walls say the same and share nothing.
 */

import type { ApiKeys } from "../store/contracts/api-keys.ts";
import type { MessageReader, Messages } from "../store/contracts/messages.ts";
import type { Webhooks } from "../store/contracts/webhooks.ts";
import type { OrderPage, Orders, Page, Scope, Store } from "../store/store.ts";

type Centres = readonly string[] | "*" | null;

/** The same store to whoever reaches all centres, the engine itself among them. */
export function walledStore(store: Store): Store {
  const { tasks, jobs, incidents, testClocks, idempotency } = store;
  const task = async (id: string, scope: Scope) => {
    const found = await tasks.get(id, scope);
    return found !== null && isIn(found.order.centre, scope) ? found : null;
  };
  return {
    ...store,
    orders: walledOrders(store.orders),
    messages: walledMessages(store.messages),
    tasks: {
      ...tasks,
      get: task,
      list: async (filter, scope) =>
        keptOrders(await tasks.list(filter, scope), ({ order }) => order.centre, scope),
      assign: async (id, assignment, scope) =>
        (await task(id, scope)) === null ? { kind: "gone" } : tasks.assign(id, assignment, scope),
    },
    jobs: {
      ...jobs,
      list: async (filter, scope) =>
        kept(await jobs.list(filter, scope), ({ order }) => isIn(order.centre, scope)),
      claim: async (request) => {
        const claimed = await jobs.claim(request);
        const { claimant } = request;
        if (claimant === undefined) return claimed;
        const others = claimed.filter(({ order }) => !isIn(order.centre, claimant.scope));
        for (const { lease } of others) await jobs.release(lease, 0);
        return claimed.filter((job) => !others.includes(job));
      },
    },
    incidents: {
      ...incidents,
      get: async (id, scope) => single(await incidents.get(id, scope), scope),
      list: async (filter, scope) =>
        kept(await incidents.list(filter, scope), ({ centre }) => isIn(centre, scope)),
    },
    testClocks: {
      ...testClocks,
      get: async (id, scope) => {
        const found = await testClocks.get(id, scope);
        return scope === undefined ? found : whole(found, scope);
      },
    },
    apiKeys: walledKeys(store.apiKeys),
    webhooks: walledWebhooks(store.webhooks),
    idempotency: {
      ...idempotency,
      once: (name, work) => idempotency.once(name, (inner) => work(walledStore(inner))),
    },
  };
}

function walledKeys(apiKeys: ApiKeys): ApiKeys {
  const key: ApiKeys["get"] = async (id, scope) => whole(await apiKeys.get(id, scope), scope);
  return {
    ...apiKeys,
    get: key,
    list: async (page, scope) =>
      kept(await apiKeys.list(page, scope), ({ centres }) => areIn(centres, scope)),
    rotate: async (id, change, scope) =>
      (await key(id, scope)) === null ? null : apiKeys.rotate(id, change, scope),
    revoke: async (id, by, scope) =>
      (await key(id, scope)) === null ? false : apiKeys.revoke(id, by, scope),
  };
}

function walledWebhooks(webhooks: Webhooks): Webhooks {
  const webhook: Webhooks["get"] = async (id, scope) => whole(await webhooks.get(id, scope), scope);
  return {
    ...webhooks,
    get: webhook,
    list: async (page, scope) =>
      kept(await webhooks.list(page, scope), ({ centres }) => areIn(centres, scope)),
    change: async (id, change, scope) =>
      (await webhook(id, scope)) === null ? null : webhooks.change(id, change, scope),
    rotate: async (id, secret, scope) =>
      (await webhook(id, scope)) === null ? null : webhooks.rotate(id, secret, scope),
    remove: async (id, scope) =>
      (await webhook(id, scope)) === null ? false : webhooks.remove(id, scope),
  };
}

/** An entry names no centre: its order does. */
function walledOrders(orders: Orders): Orders {
  const get: Orders["get"] = async (id, scope) => single(await orders.get(id, scope), scope);
  const isReached = async (id: string, scope: Scope): Promise<boolean> =>
    scope.centres === "*" || (await get(id, scope)) !== null;
  return {
    ...orders,
    get,
    list: async (filter, scope) =>
      keptOrders(await orders.list(filter, scope), ({ centre }) => centre, scope),
    history: async (id, page, scope) =>
      (await isReached(id, scope)) ? orders.history(id, page, scope) : [],
    walk: async (period, page, scope) => {
      const found = await orders.walk(period, page, scope);
      return { ...found, orders: found.orders.filter(({ centre }) => isIn(centre, scope)) };
    },
    entryAt: async (id, point, scope) =>
      (await isReached(id, scope)) ? orders.entryAt(id, point, scope) : null,
  };
}

function walledMessages(messages: Messages): Messages {
  const isFor = (
    { sub, centres }: { readonly sub: string; readonly centres: Centres },
    { sub: reader, others }: MessageReader,
  ): boolean => sub === reader || (others !== null && areIn(centres, others));
  const get: Messages["get"] = async (id, reader) => {
    const found = await messages.get(id, reader);
    return found !== null && isFor(found.sender, reader) ? found : null;
  };
  return {
    ...messages,
    get,
    list: async (filter, reader) =>
      kept(await messages.list(filter, reader), ({ sender }) => isFor(sender, reader)),
    withdraw: async (id, reader) =>
      (await get(id, reader)) === null ? null : messages.withdraw(id, reader),
    orders: async (search, scope) => {
      const found = await messages.orders(search, scope);
      return { ...found, items: found.items.filter(({ centre }) => isIn(centre, scope)) };
    },
  };
}

function isIn(centre: string | null, { centres }: Scope): boolean {
  return centres === "*" || (centre !== null && centres.includes(centre));
}

/** What is of several centres shows to whoever reaches them all. */
function areIn(all: Centres, { centres }: Scope): boolean {
  if (centres === "*") return true;
  return all !== null && all !== "*" && all.every((centre) => centres.includes(centre));
}

function single<Row extends { readonly centre: string | null }>(
  row: Row | null,
  scope: Scope,
): Row | null {
  return row !== null && isIn(row.centre, scope) ? row : null;
}

function whole<Row extends { readonly centres: Centres }>(
  row: Row | null,
  scope: Scope,
): Row | null {
  return row !== null && areIn(row.centres, scope) ? row : null;
}

function keptOrders<Row>(
  page: OrderPage<Row>,
  centreOf: (row: Row) => string | null,
  scope: Scope,
): OrderPage<Row> {
  const damaged = page.damaged.filter(({ centre }) => isIn(centre, scope));
  return { ...kept(page, (row) => isIn(centreOf(row), scope)), damaged };
}

function kept<Row>({ items, nextCursor }: Page<Row>, shows: (row: Row) => boolean): Page<Row> {
  return { items: items.filter(shows), nextCursor };
}
