/** Reads the environment, the only configuration, and refuses what it can't mean in one line. */

import { z } from "zod";

export interface Environment {
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  /** Absent: PGlite in the data folder. */
  readonly databaseUrl?: string | undefined;
  readonly dataFolder: string;
  readonly definitionsFolder: string;
  readonly logLevel?: LogLevel | undefined;
  /** Names that look like ours and are not, such as a misspelt one. */
  readonly unknown: readonly string[];
}

export type LogLevel = z.infer<typeof logLevel>;

export class BadEnvironment extends Error {
  override readonly name = "BadEnvironment";
}

type Variables = { readonly [name: string]: string | undefined };

const logLevel = z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
  error: "expected fatal, error, warn, info, debug, trace or silent",
});

const schema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, "expected a number from 0 to 65535")
    .transform(Number)
    .refine((port) => port <= 65_535, "expected a number from 0 to 65535")
    .default(8080),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, "expected postgres://user:password@host:port/database")
    .optional(),
  SEVENSTEP_DATA: z.string().default("./data"),
  SEVENSTEP_DEFINITIONS: z.string().default("./definitions"),
  LOG_LEVEL: logLevel.optional(),
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
    unknown: Object.keys(given).filter(
      (name) => name.startsWith(PREFIX) && !(name in schema.shape),
    ),
  };
}

const PREFIX = "SEVENSTEP_";

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
}
