import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { zoneOf, type Zone } from "../../../machines/time/zone.ts";

function zone(name: string): Zone {
  const found = zoneOf(name);
  if (found === null) throw new Error(`no zone ${name}`);
  return found;
}

const local = (text: string) => Date.parse(`${text}Z`);
const iso = (ms: number) => new Date(ms).toISOString();

describe("zoneOf", () => {
  test.each(["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8"])(
    "knows %s",
    (name) => expect(zoneOf(name)?.name).toBe(name),
  );

  test.each(["", "Mars/Olympus", "+08:00", "UTC+8", "Asia/Shanghai ", "constructor"])(
    "knows no zone called %j",
    (name) => expect(zoneOf(name)).toBeNull(),
  );
});

describe("a zone", () => {
  test.each([
    ["skipped: the jump", "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00.000Z"],
    ["just after the jump", "Europe/Berlin", "2026-03-29T03:30", "2026-03-29T01:30:00.000Z"],
    ["repeated: the first time", "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
    ["after the repeated hour", "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00.000Z"],
    ["skipped at midnight", "Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00:00.000Z"],
    ["a skipped date: the jump", "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00.000Z"],
    [
      "half an hour of change",
      "Australia/Lord_Howe",
      "2026-10-04T02:15",
      "2026-10-03T15:30:00.000Z",
    ],
  ])("finds the instant of a local time that is %s", (_, name, text, expected) => {
    expect(iso(zone(name).instantOf(local(text)))).toBe(expected);
  });

  const names = fc.constantFrom(
    "Europe/Berlin",
    "America/New_York",
    "Asia/Shanghai",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "Africa/Casablanca",
  );
  const times = fc.integer({ min: 0, max: local("2099-01-01T00:00") });

  test("shows what Temporal shows", () => {
    fc.assert(
      fc.property(names, times, (name, ms) => {
        const wall = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name);
        expect(iso(zone(name).localOf(ms))).toBe(
          `${wall.toPlainDateTime().toString({ smallestUnit: "millisecond" })}Z`,
        );
      }),
    );
  });

  test("gives the first instant that shows a local time or a later one", () => {
    fc.assert(
      fc.property(names, times, (name, wanted) => {
        const { instantOf, localOf } = zone(name);
        const ms = instantOf(wanted);
        expect(localOf(ms)).toBeGreaterThanOrEqual(wanted);
        expect(localOf(ms - 1)).toBeLessThan(wanted);
      }),
    );
  });

  test("never goes back as local time goes on", () => {
    fc.assert(
      fc.property(names, times, fc.nat({ max: 7_200_000 }), (name, wanted, more) => {
        const { instantOf } = zone(name);
        expect(instantOf(wanted + more)).toBeGreaterThanOrEqual(instantOf(wanted));
      }),
    );
  });
});
