/** Checkpoints by webhook: the note that was signed, byte for byte, to whoever named it. */

import { expect, test } from "vitest";
import { readCheckpoint } from "../../src/audit/log/checkpoint.ts";
import { parseVerifierKey } from "../../src/audit/log/note-key.ts";
import type { DeliveryRequest } from "../../src/runtime/contracts/webhooks.ts";
import { isEventPattern } from "../../src/runtime/webhook-patterns.ts";
import { describeOnDatabases } from "../support/databases.ts";
import { memoryLogKeeping } from "../support/memory-log-keeping.ts";
import { received } from "../support/webhook-receiver.ts";
import { ADMIN, createParcel, granted, parcelServer, server, until } from "./engine.ts";

test("a checkpoint is asked for by its name, and by no prefix of it alone", () => {
  expect(isEventPattern("sevenstep.log.checkpoint")).toBe(true);
  for (const none of ["sevenstep.log.*", "sevenstep.log.checkpoint*", "sevenstep.log"]) {
    expect(isEventPattern(none)).toBe(false);
  }
});

describeOnDatabases("webhooks of the log", (open) => {
  test("tell each checkpoint as it was signed", async () => {
    const requests: DeliveryRequest[] = [];
    const outlet = {
      refusal: () => null,
      deliver: (request: DeliveryRequest) => {
        requests.push(request);
        return Promise.resolve({ kind: "answered", status: 200, retryAfter: null } as const);
      },
    };
    await parcelServer(open);
    const logKeeping = memoryLogKeeping();
    const at = await server(open, undefined, { outlet, logKeeping });
    const made = await at.engine.webhooks.create(ADMIN, {
      ...{ url: "https://witness.example/", events: ["sevenstep.log.checkpoint"] },
      roles: ["auditor"],
    });
    const { secret } = granted(made);
    at.engine.start();
    await createParcel(at);
    await until(() => Promise.resolve(requests.length > 0 && logKeeping.notes.length > 0));
    await at.engine.stop();
    const [request] = requests;
    if (request === undefined) throw new Error("expected a delivery");
    const { event } = received(secret, { ...request.headers }, request.body);
    expect(event).toMatchObject({
      ...{ type: "sevenstep.log.checkpoint", source: "/v1/audit/checkpoints" },
      ...{ id: "checkpoint_1", data: { checkpoint: { size: 1, note: logKeeping.notes[0] } } },
    });
    const [key] = await at.engine.log.keys();
    const verifier = parseVerifierKey(key?.vkey ?? "");
    if (verifier === null) throw new Error("expected a key");
    expect(readCheckpoint(event.data.checkpoint.note, verifier).kind).toBe("checkpoint");
  });

  test("and proofs of entries are given as soon as a checkpoint covers them", async () => {
    const at = await server(open, undefined, { logKeeping: memoryLogKeeping() });
    await parcelServer(open);
    at.engine.start();
    const { id } = await createParcel(at);
    const order = await at.store.orders.get(id, { centres: "*" });
    const [entry] = await at.store.orders.history(id, { after: 0, limit: 1 }, { centres: "*" });
    if (order === null || entry === undefined) throw new Error("expected an order");
    const proof = await at.engine.log.prove(order, entry, 10_000);
    expect(proof).toMatchObject({ position: 1, path: [], checkpoint: { size: 1 } });
    expect(await at.engine.log.prove(order, { ...entry, revision: 9 }, 300)).toBeNull();
    await at.engine.stop();
  });
});
