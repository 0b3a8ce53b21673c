/** API keys as requests and answers have them. */

import { z } from "@hono/zod-openapi";
import { CENTRE, ROLE_NAME } from "../token.ts";
import { instantAnswer, name } from "./common.ts";

const TEN_YEARS_S = 10 * 366 * 86_400;
const MONTH_S = 30 * 86_400;

export const apiKeyId = z.uuid().toLowerCase().openapi({
  example: "01980c3e-6c1a-7000-8000-0123456789ab",
});

const roles = z.array(z.string().regex(ROLE_NAME)).min(1).max(32);
const centres = z.union([z.literal("*"), z.array(z.string().regex(CENTRE)).min(1).max(1000)]);
const all = { description: "`*`: all" };

export const createApiKeyRequest = z
  .strictObject({
    name: name.openapi({ description: "What it is for; a name of a system, not of a person" }),
    roles,
    centres: centres.optional().openapi({ description: "`*`: all. Absent: those of the caller" }),
    expiresInSeconds: z
      .int()
      .min(1)
      .max(TEN_YEARS_S)
      .optional()
      .openapi({ description: "Absent: it is good until it is revoked" }),
  })
  .openapi("CreateApiKey", {
    example: {
      name: "parts warehouse",
      roles: ["worker"],
      centres: ["sh-01"],
      expiresInSeconds: 31_536_000,
    },
  });

export const rotateApiKeyRequest = z
  .strictObject({ overlapSeconds: z.int().min(0).max(MONTH_S).default(0) })
  .openapi("RotateApiKey", { example: { overlapSeconds: 3600 } });

const shown = {
  id: apiKeyId,
  name: z.string(),
  sub: z.string().openapi({ description: "Who its holder is in histories" }),
  roles: z.array(z.string()),
  centres: centres.openapi(all),
  createdBy: z.string(),
  createdAt: instantAnswer,
  expiresAt: instantAnswer.nullable(),
  rotatedAt: instantAnswer.nullable(),
  previousSecretUntil: instantAnswer.nullable().openapi({
    description: "Until then the secret before the last rotation is good too",
  }),
  lastUsedAt: instantAnswer.nullable().openapi({ description: "To the minute" }),
};

export const apiKey = z.object(shown).openapi("ApiKey");

export const apiKeyMade = z
  .object({
    ...shown,
    key: z.string().openapi({
      description: "What its holder sends as `Authorization: Bearer <key>`; only its hash is kept",
      example: "ssk_01980c3e6c1a700080000123456789ab_47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    }),
  })
  .openapi("ApiKeyMade");
