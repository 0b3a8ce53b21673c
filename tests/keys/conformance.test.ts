import { expect, test } from "vitest";
import { describeOnPlaces, hex } from "./places.ts";

const ANN = "tag of ann";
const BO = "tag of bo";

describeOnPlaces("a keystore", ["folder", "postgres", "memory"], (open) => {
  test("makes a key of 256 bits for each tag, and gives the same one ever after", async () => {
    const keystore = await open();
    const made = await keystore.ensure([ANN, BO]);
    expect([...made.values()].map((key) => key.length)).toEqual([32, 32]);
    expect(hex(made.get(ANN))).not.toBe(hex(made.get(BO)));
    expect(await keystore.ensure([BO, ANN, BO])).toEqual(made);
    expect(await keystore.read([ANN, BO])).toEqual(made);
  });

  test("reads what is there, and makes nothing", async () => {
    const keystore = await open();
    expect((await keystore.read([ANN])).size).toBe(0);
    const made = await keystore.ensure([ANN]);
    expect(await keystore.read([ANN, BO])).toEqual(made);
    expect((await keystore.read([])).size).toBe(0);
    expect((await keystore.ensure([])).size).toBe(0);
  });

  test("gives no key that was destroyed, and then another one", async () => {
    const keystore = await open();
    const first = (await keystore.ensure([ANN, BO])).get(ANN);
    expect(await keystore.destroy([ANN, "nobody's"])).toBe(1);
    expect([...(await keystore.read([ANN, BO])).keys()]).toEqual([BO]);
    expect(await keystore.destroy([ANN])).toBe(0);
    const second = (await keystore.ensure([ANN])).get(ANN);
    expect(hex(second)).not.toBe(hex(first));
    expect(hex((await keystore.read([ANN])).get(ANN))).toBe(hex(second));
  });

  test("is one for all servers: of many that make a key at once, all get the same", async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, open));
    const tags = Array.from({ length: 50 }, (_, number) => `tag ${number}`);
    const made = await Promise.all(
      servers.flatMap((server) => tags.map((tag) => server.ensure([tag]))),
    );
    for (const tag of tags) {
      const keys = made.flatMap((each) => hex(each.get(tag)) ?? []);
      expect(keys.length).toBe(servers.length);
      expect(new Set(keys).size).toBe(1);
    }
  });

  test("shows one server at once what another one made or destroyed", async () => {
    const [one, other] = [await open(), await open()];
    const made = await one.ensure([ANN]);
    expect(await other.read([ANN])).toEqual(made);
    await other.destroy([ANN]);
    expect((await one.read([ANN])).size).toBe(0);
    const again = await one.ensure([ANN]);
    expect(await other.ensure([ANN])).toEqual(again);
  });

  test("counts each destruction for all servers, also one that found nothing left to destroy", async () => {
    const [one, other] = [await open(), await open()];
    const before = await other.destructions();
    await one.ensure([ANN]);
    expect(await other.destructions()).toBe(before);
    await one.destroy([ANN]);
    const after = await other.destructions();
    expect(after).not.toBe(before);
    await other.destroy([ANN]);
    expect(await one.destructions()).not.toBe(after);
    expect(await one.destructions()).toBe(await other.destructions());
  });

  test("keeps keys when it is closed and opened again", async () => {
    const before = await open();
    const made = await before.ensure([ANN, BO]);
    await before.destroy([BO]);
    await before.close();
    const after = await open();
    expect((await after.read([ANN, BO])).size).toBe(1);
    expect(hex((await after.read([ANN])).get(ANN))).toBe(hex(made.get(ANN)));
  });

  test("names a subject by a tag that is the same on every server, and shows nothing of it", async () => {
    const [one, other] = [await open(), await open()];
    const tag = one.tagOf("customer 7 张三");
    expect(tag).toMatch(/^[0-9a-f]{64}$/);
    expect(other.tagOf("customer 7 张三")).toBe(tag);
    expect(one.tagOf("customer 8")).not.toBe(tag);
  });

  test("is the same keystore to all who share it", async () => {
    const [one, other] = [await open(), await open()];
    expect(await one.prepare()).toBe(await other.prepare());
  });

  test("makes a thousand keys in one turn", async () => {
    const keystore = await open();
    const tags = Array.from({ length: 1_000 }, (_, number) => `tag ${number}`);
    const made = await Promise.all(tags.map((tag) => keystore.ensure([tag])));
    expect(new Set(made.map((keys, index) => hex(keys.get(tags[index] ?? "")))).size).toBe(1_000);
    expect((await keystore.read(tags)).size).toBe(1_000);
  });
});

describeOnPlaces("a keystore that others share", ["folder", "postgres"], (open) => {
  test("has an id of its own", async () => {
    expect(await (await open()).prepare()).toMatch(/^[0-9a-f]{32}$/);
  });
});
