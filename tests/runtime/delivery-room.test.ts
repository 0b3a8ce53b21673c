/** Endpoints that are dead cost next to nothing: neither attempts, nor memory once their webhooks are gone. */

import { describe, expect, test } from "vitest";
import { createDeliveryRoom } from "../../src/runtime/delivery-room.ts";

const EACH = 8;

function failed(room: ReturnType<typeof createDeliveryRoom>, id: string, times = 1): void {
  for (let count = 0; count < times; count += 1) {
    room.take(id);
    room.leave(id, false);
  }
}

describe("the room for deliveries", () => {
  test("is halved by each silence, and grows by one with each answer", () => {
    const room = createDeliveryRoom(EACH);
    const sizes = [1, 2, 3, 4].map(() => {
      failed(room, "w");
      return room.free().get("w");
    });
    expect(sizes).toEqual([4, 2, 1, 1]);
    room.take("w");
    expect(room.full()).toEqual(["w"]);
    room.leave("w", true);
    expect(room.free().get("w")).toBe(2);
    for (let count = 2; count < EACH; count += 1) {
      room.take("w");
      room.leave("w", true);
    }
    expect(room.free()).toEqual(new Map());
  });

  test("remembers those that failed lately, and not all that ever did", () => {
    const room = createDeliveryRoom(EACH);
    for (let count = 0; count < 5_000; count += 1) failed(room, `w${count}`, 3);
    expect(room.free().size).toBe(1_000);
    expect(room.free().get("w4999")).toBe(1);
    expect(room.free().has("w0")).toBe(false);
  });
});
