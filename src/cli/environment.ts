/** Reads the environment, the only configuration, and refuses what it can't mean in one line. */

import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { OidcOptions } from "../http/oidc.ts";
import { addressBlock, type AddressBlock } from "../http/remote-address.ts";
import type { KeystorePlan } from "../keys/open-keystore.ts";
import type { ArchivePlan } from "../runtime/archiving.ts";
import { allowedTarget, type AllowedTarget } from "../runtime/webhook-target.ts";

export interface Environment {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Absent: PGlite in the data folder. */
  readonly databaseUrl?: string | undefined;
  readonly dataFolder: string;
  readonly definitionsFolder: string;
  readonly logLevel?: LogLevel | undefined;
  /** Absent: only tokens of this server's own and API keys. */
  readonly oidc?: OidcOptions | undefined;
  /** Requests per second and caller; 0: no limit. */
  readonly rateLimit: number;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly AddressBlock[];
  readonly hstsSeconds?: number | undefined;
  /** Who reads `/metrics` must send it; absent: everyone may. */
  readonly metricsToken?: string | undefined;
  /** Where traces go, by OTLP over HTTP; absent: there are none. */
  readonly tracesUrl?: string | undefined;
  /** Where webhooks may go although it is not public, or not `https`. */
  readonly webhookAllow: readonly AllowedTarget[];
  /** Whether orders are spread over machines by Citus. */
  readonly distributed: boolean;
  /** A read replica of the database. */
  readonly replicaUrl?: string | undefined;
  /** When orders that ended go to the archive; null: never. */
  readonly archive: ArchivePlan | null;
  /** Where persons' keys are kept. */
  readonly keystore: KeystorePlan;
  /** Where the key that signs the log lies, and where its checkpoints are kept outside the database. */
  readonly logFiles: { readonly key: string; readonly checkpoints: string };
  /** `all`, `none`, or the centres where nobody erases a person's data alone. */
  readonly fourEyes: string;
  /** Names that look like ours and are not, such as a misspelt one. */
  readonly unknown: readonly string[];
}

export type LogLevel = z.infer<typeof logLevel>;

export class BadEnvironment extends Error {
  override readonly name = "BadEnvironment";
}

export type Variables = { readonly [name: string]: string | undefined };

const logLevel = z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
  error: "expected fatal, error, warn, info, debug, trace or silent",
});

const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number up to ${max}`)
    .transform(Number)
    .refine((number) => number <= max, `expected a whole number up to ${max}`);

/** Texts with commas between; spaces and empty places do not count. */
const list = <Item>(read: (text: string) => Item | null, expected: string) =>
  z
    .string()
    .transform((text) => text.split(",").flatMap((part) => part.trim() || []))
    .transform((parts, context) =>
      parts.flatMap((part) => {
        const item = read(part);
        if (item === null) context.addIssue(`expected ${expected}`);
        return item ?? [];
      }),
    )
    .default([]);

const postgresUrl = z
  .string()
  .refine(isPostgresUrl, "expected postgres://user:password@host:port/database");

const schema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, "expected a number from 0 to 65535")
    .transform(Number)
    .refine((port) => port <= 65_535, "expected a number from 0 to 65535")
    .default(8080),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: postgresUrl.optional(),
  SEVENSTEP_DATA: z.string().default("./data"),
  SEVENSTEP_DEFINITIONS: z.string().default("./definitions"),
  LOG_LEVEL: logLevel.optional(),
  OIDC_ISSUER: z
    .string()
    .refine(isSafeUrl, "expected an https URL, or http on this very machine")
    .optional(),
  OIDC_AUDIENCE: z.string().optional(),
  OIDC_ROLES_CLAIM: z.string().default("roles"),
  OIDC_CENTRES_CLAIM: z.string().default("centres"),
  SEVENSTEP_RATE_LIMIT: wholeNumber(1_000_000).default(1_000),
  SEVENSTEP_CORS_ORIGINS: list(originIn, "origins such as https://desk.example.com"),
  SEVENSTEP_TRUSTED_PROXIES: list(addressBlock, "addresses or blocks such as 10.0.0.0/8"),
  SEVENSTEP_WEBHOOK_ALLOW: list(allowedTarget, "addresses, blocks or host names"),
  SEVENSTEP_HSTS: wholeNumber(63_072_000).optional(),
  SEVENSTEP_METRICS_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]{16,}=*$/, "expected at least 16 characters that a header can carry")
    .optional(),
  SEVENSTEP_DISTRIBUTED: z.enum(["true", "false"], { error: "expected true or false" }).optional(),
  SEVENSTEP_REPLICA_URL: postgresUrl.optional(),
  SEVENSTEP_ARCHIVE_AFTER: z
    .string()
    .transform((text) => (text === "never" ? null : milliseconds(text)))
    .refine(
      (ms) => ms === null || (ms >= HOUR_MS && ms <= 100 * 366 * DAY_MS),
      "expected an ISO 8601 duration in days and hours such as P90D, from an hour to a century, or never",
    )
    .optional(),
  SEVENSTEP_KEYSTORE: z
    .string()
    .refine(
      (text) => !/^\w+:\/\//.test(text) || isPostgresUrl(text),
      "expected a folder, or postgres://user:password@host:port/database",
    )
    .optional(),
  SEVENSTEP_KEYSTORE_SECRET_FILE: z.string().optional(),
  SEVENSTEP_FOUR_EYES: z.string().default("all"),
  SEVENSTEP_LOG_KEY_FILE: z.string().optional(),
  SEVENSTEP_CHECKPOINT_FILE: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine((text) => httpUrl(text) !== null, "expected a URL such as http://localhost:4318")
    .optional(),
});

/** An empty variable counts as absent. @throws {BadEnvironment} naming every variable that is wrong, without its value */
export function readEnvironment(variables: Variables): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const result = schema.safeParse(given);
  if (!result.success) {
    const places = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new BadEnvironment(places.join("; "));
  }
  const read = result.data;
  return {
    port: read.PORT,
    host: read.HOST,
    databaseUrl: read.DATABASE_URL,
    dataFolder: read.SEVENSTEP_DATA,
    definitionsFolder: read.SEVENSTEP_DEFINITIONS,
    logLevel: read.LOG_LEVEL,
    oidc: oidcIn(read),
    rateLimit: read.SEVENSTEP_RATE_LIMIT,
    corsOrigins: read.SEVENSTEP_CORS_ORIGINS,
    trustedProxies: read.SEVENSTEP_TRUSTED_PROXIES,
    webhookAllow: read.SEVENSTEP_WEBHOOK_ALLOW,
    hstsSeconds: read.SEVENSTEP_HSTS,
    metricsToken: read.SEVENSTEP_METRICS_TOKEN,
    replicaUrl: replicaIn(read),
    fourEyes: read.SEVENSTEP_FOUR_EYES,
    distributed: distributedIn(read),
    archive: archiveIn(read),
    keystore: keystoreIn(read),
    logFiles: {
      key: read.SEVENSTEP_LOG_KEY_FILE ?? join(read.SEVENSTEP_DATA, "log-key"),
      checkpoints: read.SEVENSTEP_CHECKPOINT_FILE ?? join(read.SEVENSTEP_DATA, "checkpoints"),
    },
    tracesUrl: read.OTEL_EXPORTER_OTLP_ENDPOINT,
    unknown: Object.keys(given).filter(
      (name) => name.startsWith(PREFIX) && !(name in schema.shape),
    ),
  };
}

const PREFIX = "SEVENSTEP_";

/** Whoever says when has all servers in view. By default a rolling update may take a day. */
function archiveIn(read: z.infer<typeof schema>): ArchivePlan | null {
  const afterMs = distributedIn(read) ? null : read.SEVENSTEP_ARCHIVE_AFTER;
  if (afterMs === undefined) return { afterMs: HOUR_MS, knownMs: DAY_MS };
  return afterMs === null ? null : { afterMs, knownMs: 0 };
}

/** An issuer without an audience would let in whoever it ever gave a token to, for whatever. */
function oidcIn(read: z.infer<typeof schema>): OidcOptions | undefined {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = read;
  if (issuer === undefined) return undefined;
  if (audience === undefined) {
    throw new BadEnvironment("OIDC_AUDIENCE: expected beside OIDC_ISSUER: what `aud` must name");
  }
  return {
    issuer,
    audience,
    rolesClaim: read.OIDC_ROLES_CLAIM,
    centresClaim: read.OIDC_CENTRES_CLAIM,
  };
}

function replicaIn(read: z.infer<typeof schema>): string | undefined {
  if (read.SEVENSTEP_REPLICA_URL !== undefined && read.DATABASE_URL === undefined) {
    throw new BadEnvironment("SEVENSTEP_REPLICA_URL: expected beside DATABASE_URL, its primary");
  }
  return read.SEVENSTEP_REPLICA_URL;
}

/** Months of the archive are written by statements that span machines. */
function distributedIn(read: z.infer<typeof schema>): boolean {
  const isDistributed = read.SEVENSTEP_DISTRIBUTED === "true";
  if (isDistributed && read.DATABASE_URL === undefined) {
    throw new BadEnvironment("SEVENSTEP_DISTRIBUTED: expected beside DATABASE_URL");
  }
  if (isDistributed && typeof read.SEVENSTEP_ARCHIVE_AFTER === "number") {
    throw new BadEnvironment("SEVENSTEP_ARCHIVE_AFTER: expected without SEVENSTEP_DISTRIBUTED");
  }
  return isDistributed;
}

/** What lies beside the orders is copied with them, and then nothing that was erased is gone. */
function keystoreIn(read: z.infer<typeof schema>): KeystorePlan {
  const { SEVENSTEP_DATA: dataFolder, SEVENSTEP_KEYSTORE: place = join(dataFolder, "keys") } = read;
  if (isPostgresUrl(place) && read.DATABASE_URL !== undefined) {
    const [keys, orders] = [new URL(place), new URL(read.DATABASE_URL)];
    if (keys.host === orders.host && keys.pathname === orders.pathname) {
      throw new BadEnvironment("SEVENSTEP_KEYSTORE: expected another database than DATABASE_URL's");
    }
  }
  return { place, secretFile: read.SEVENSTEP_KEYSTORE_SECRET_FILE, dataFolder };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** NaN where it is none, or one whose length a calendar decides. */
function milliseconds(text: string): number {
  try {
    return Temporal.Duration.from(text).total("milliseconds");
  } catch (error) {
    if (error instanceof RangeError) return Number.NaN;
    throw error;
  }
}

function httpUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url : null;
}

function isSafeUrl(text: string): boolean {
  const url = httpUrl(text);
  if (url === null || url.search !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || /^(localhost|127\..*|\[::1\])$/.test(url.hostname);
}

/** @returns the text when it is an origin as browsers write it: scheme, host, port and nothing else */
function originIn(text: string): string | null {
  return httpUrl(text)?.origin === text ? text : null;
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
}
