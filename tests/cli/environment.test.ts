/** The environment is read whole, defaults and all, and a value that can't be meant is told by its name. */

import { describe, expect, test } from "vitest";
import { BadEnvironment, readEnvironment } from "../../src/cli/environment.ts";

describe("readEnvironment", () => {
  test("has a default for everything", () => {
    expect(readEnvironment({})).toEqual({
      port: 8080,
      host: "127.0.0.1",
      databaseUrl: undefined,
      dataFolder: "./data",
      definitionsFolder: "./definitions",
      logLevel: undefined,
      unknown: [],
    });
  });

  test("takes an empty variable for an absent one", () => {
    expect(readEnvironment({ PORT: "", DATABASE_URL: "" })).toMatchObject({ port: 8080 });
  });

  test.each([
    ["PORT", "80a"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["DATABASE_URL", "mysql://localhost/x"],
    ["DATABASE_URL", "localhost"],
    ["LOG_LEVEL", "loud"],
  ])("refuses %s=%s in one line that names the variable and not the value", (name, value) => {
    const read = () => readEnvironment({ [name]: value });
    expect(read).toThrow(BadEnvironment);
    expect(read).toThrow(new RegExp(`^${name}: expected [^\\n]*$`));
  });

  test("does not repeat a database's password", () => {
    const read = () => readEnvironment({ DATABASE_URL: "mysql://me:secret@db/x" });
    expect(read).toThrow(expect.not.stringContaining("secret"));
  });

  test("notices a name that looks like ours and is not", () => {
    expect(readEnvironment({ SEVENSTEP_DTA: "/x", PATH: "/bin" }).unknown).toEqual([
      "SEVENSTEP_DTA",
    ]);
  });
});
