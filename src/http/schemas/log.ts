/** The log over all entries as answers have it: its checkpoints, its keys, and proofs between two sizes. */

import { z } from "@hono/zod-openapi";
import { instantAnswer } from "./common.ts";

const hash = z.string().openapi({ description: "32 bytes in base64", format: "byte" });

const size = z.int().openapi({ description: "How many entries it covers", example: 4711 });

export const checkpoint = z
  .object({
    origin: z
      .string()
      .openapi({ description: "The log's name", example: "sevenstep/5f0c1a2b3c4d" }),
    size,
    root: hash,
    time: instantAnswer,
    keyId: z.string().openapi({ description: "Of the key that signed it", example: "617e8930" }),
    note: z.string().openapi({
      description:
        "What was signed, and the signature, byte for byte: a C2SP signed note. All else here is read from it",
    }),
  })
  .openapi("Checkpoint", {
    example: {
      origin: "sevenstep/5f0c1a2b3c4d",
      size: 4711,
      root: "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=",
      time: "2026-11-23T08:00:00.000Z",
      keyId: "617e8930",
      note: "sevenstep/5f0c1a2b3c4d\n4711\nBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=\ntime 2026-11-23T08:00:00.000Z\n\n— sevenstep/5f0c1a2b3c4d YX6JMN/evZVQ7XDdzA2KyE6tLAlgSX0oqRgi/ydc1YrXzgNmTYLIOvI6bXCJR276Eq/g8pUYWxS04ipWg6yPakj8VwI=\n",
    },
  });

const logKey = z
  .object({
    keyId: z.string().openapi({ example: "617e8930" }),
    key: z.string().openapi({ description: "What to verify with: `name+id+key`, Ed25519" }),
    since: z.int().openapi({ description: "It signs the log from this size on" }),
    addedAt: instantAnswer,
    handover: z.string().nullable().openapi({
      description:
        "The note by which the key before hands over to this one, signed by both; null: it was the first, or the one before was lost",
    }),
  })
  .openapi("LogKey", {
    example: {
      keyId: "617e8930",
      key: "sevenstep/5f0c1a2b3c4d+617e8930+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs",
      since: 0,
      addedAt: "2026-11-23T08:00:00.000Z",
      handover: null,
    },
  });

export const logKeys = z.object({
  items: z.array(logKey).openapi({ description: "The last one is the current one" }),
});

export const consistency = z
  .object({ from: size, to: size, path: z.array(hash) })
  .openapi("LogConsistency", {
    description:
      "That the log of `to` entries begins with the log of `from` entries: RFC 6962, 2.1.2",
  });
