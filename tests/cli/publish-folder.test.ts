import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { foreseeing, publishFolder } from "../../src/cli/publish-folder.ts";
import { createDefinitions } from "../../src/runtime/definitions.ts";
import { judgeHere, type Judge } from "../../src/runtime/judgement.ts";
import { describeOnDatabases } from "../support/databases.ts";

const log = pino({ level: "silent" });
const text = (version: string): string => `{ process: tea, version: ${version}, machine: {} }`;

describeOnDatabases("publishing a folder", (open) => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "definitions-"));
    await mkdir(join(folder, "tea"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = (version: string) => writeFile(join(folder, "tea", `${version}.yaml`), text(version));
  const chosen = async (definitions: ReturnType<typeof createDefinitions>) =>
    (await definitions.versions("tea")).find((version) => version.default)?.version;

  test("makes the newest version of an unknown process its default", async () => {
    const definitions = createDefinitions(await open());
    await Promise.all(["1.9.0", "1.10.0", "1.2.0"].map(put));
    await publishFolder({ definitions }, folder, log);
    expect(await chosen(definitions)).toBe("1.10.0");
  });

  test("leaves the default of a known process alone when a newer version comes", async () => {
    const definitions = createDefinitions(await open());
    await put("1.0.0");
    await publishFolder({ definitions }, folder, log);
    await put("2.0.0");
    await publishFolder({ definitions }, folder, log);
    expect(await chosen(definitions)).toBe("1.0.0");
  });

  test("judges no text again that is published, and no other one unseen", async () => {
    const store = await open();
    const judgedTexts: string[] = [];
    const judge: Judge = (source) => {
      judgedTexts.push(source.text);
      return judgeHere(source);
    };
    await put("1.0.0");
    await publishFolder({ definitions: createDefinitions(store, judge) }, folder, log);
    await put("1.1.0");
    await publishFolder({ definitions: createDefinitions(store, judge) }, folder, log);
    expect(judgedTexts).toEqual([text("1.0.0"), text("1.1.0")]);
    await writeFile(join(folder, "tea", "1.0.0.yaml"), `${text("1.0.0")} # and more`);
    await publishFolder({ definitions: createDefinitions(store, judge) }, folder, log);
    expect(judgedTexts).toHaveLength(3);
  });

  test("finds judged what was begun before the database was there", async () => {
    await Promise.all(["1.0.0", "1.1.0"].map(put));
    let judgements = 0;
    const judge = foreseeing((source) => {
      judgements += 1;
      // The first one finds all judges busy: it is asked again.
      return judgements === 1 ? Promise.resolve({ kind: "busy" }) : judgeHere(source);
    }, folder);
    const definitions = createDefinitions(await open(), judge);
    expect(await publishFolder({ definitions }, folder, log)).toEqual(["tea 1.0.0", "tea 1.1.0"]);
    expect(judgements).toBe(3);
  });
});
