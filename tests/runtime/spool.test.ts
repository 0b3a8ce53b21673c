import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describe, expect, test } from "vitest";
import { createSpool } from "../../src/runtime/spool.ts";

async function read(spool: ReturnType<typeof createSpool>): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of spool.read()) pieces.push(piece);
  return pieces.join("");
}

describe("a spool", () => {
  test.each([1, 100, 1 << 20])(
    "gives back what was kept, in order, with %i in memory",
    async (inMemory) => {
      const spool = createSpool(inMemory);
      const texts = Array.from({ length: 3_000 }, (_, index) => `${index} 车辆🚗,`);
      for (const text of texts) await spool.keep(text);
      expect(await read(spool)).toBe(texts.join(""));
      await spool.drop();
      await spool.drop();
    },
  );

  test("leaves nothing in the folder of temporary files, not even while it is full", async () => {
    const before = new Set(await readdir(tmpdir()));
    const spool = createSpool(1);
    await spool.keep("personal or not");
    const during = (await readdir(tmpdir())).filter((name) => !before.has(name));
    expect(during.filter((name) => name.startsWith("sevenstep-spool"))).toEqual([]);
    expect(await read(spool)).toBe("personal or not");
    await spool.drop();
  });
});
