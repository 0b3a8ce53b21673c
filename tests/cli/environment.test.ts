/** The environment is read whole, defaults and all, and a value that can't be meant is told by its name. */

import { describe, expect, test } from "vitest";
import { BadEnvironment, readEnvironment } from "../../src/cli/environment.ts";

describe("readEnvironment", () => {
  test("has a default for everything", () => {
    expect(readEnvironment({})).toEqual({
      port: 8080,
      host: "127.0.0.1",
      distributed: false,
      databaseUrl: undefined,
      dataFolder: "./data",
      definitionsFolder: "./definitions",
      logLevel: undefined,
      oidc: undefined,
      rateLimit: 1_000,
      corsOrigins: [],
      trustedProxies: [],
      webhookAllow: [],
      hstsSeconds: undefined,
      metricsToken: undefined,
      replicaUrl: undefined,
      archive: { afterMs: 3_600_000, knownMs: 86_400_000 },
      keystore: { place: "data/keys", secretFile: undefined, dataFolder: "./data" },
      fourEyes: "all",
      logFiles: { key: "data/log-key", checkpoints: "data/checkpoints" },
      tracesUrl: undefined,
      unknown: [],
    });
  });

  test("archives when it is told to, or never", () => {
    const archiveOf = (after: string) =>
      readEnvironment({ SEVENSTEP_ARCHIVE_AFTER: after }).archive;
    expect(archiveOf("P90D")).toEqual({ afterMs: 90 * 86_400_000, knownMs: 0 });
    expect(archiveOf("PT1H")).toEqual({ afterMs: 3_600_000, knownMs: 0 });
    expect(archiveOf("never")).toBeNull();
    const distributed = { SEVENSTEP_DISTRIBUTED: "true", DATABASE_URL: "postgres://db/sevenstep" };
    expect(readEnvironment(distributed).archive).toBeNull();
    expect(
      readEnvironment({ ...distributed, SEVENSTEP_ARCHIVE_AFTER: "never" }).archive,
    ).toBeNull();
  });

  test("keeps persons' keys where it is told to, and never in the orders' own database", () => {
    const keystoreOf = (place: string) =>
      readEnvironment({
        DATABASE_URL: "postgres://a:b@db/sevenstep",
        SEVENSTEP_KEYSTORE: place,
        SEVENSTEP_KEYSTORE_SECRET_FILE: "/run/secrets/keystore",
      }).keystore;
    const rest = { secretFile: "/run/secrets/keystore", dataFolder: "./data" };
    expect(keystoreOf("/srv/keys")).toEqual({ place: "/srv/keys", ...rest });
    expect(keystoreOf("postgres://db/keys")).toEqual({ place: "postgres://db/keys", ...rest });
    expect(() => keystoreOf("postgres://c@db/sevenstep?x=1")).toThrow(/another database/);
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
    ["SEVENSTEP_KEYSTORE", "mysql://localhost/x"],
    ["LOG_LEVEL", "loud"],
    ["OIDC_ISSUER", "http://login.example.com"],
    ["OIDC_ISSUER", "login"],
    ["OIDC_ISSUER", "https://login.example.com/?tenant=1"],
    ["SEVENSTEP_WEBHOOK_ALLOW", "10.0.0.0/33"],
    ["SEVENSTEP_WEBHOOK_ALLOW", "erp, http://erp"],
    ["SEVENSTEP_RATE_LIMIT", "-1"],
    ["SEVENSTEP_RATE_LIMIT", "1e3"],
    ["SEVENSTEP_CORS_ORIGINS", "*"],
    ["SEVENSTEP_CORS_ORIGINS", "https://desk.example.com/"],
    ["SEVENSTEP_CORS_ORIGINS", "https://desk.example.com,null"],
    ["SEVENSTEP_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["SEVENSTEP_TRUSTED_PROXIES", "proxy"],
    ["SEVENSTEP_METRICS_TOKEN", "short"],
    ["SEVENSTEP_REPLICA_URL", "replica:5432"],
    ["SEVENSTEP_REPLICA_URL", "postgres://replica/sevenstep"],
    ["SEVENSTEP_DISTRIBUTED", "yes"],
    ["SEVENSTEP_DISTRIBUTED", "true"],
    ["SEVENSTEP_ARCHIVE_AFTER", "P3M"],
    ["SEVENSTEP_ARCHIVE_AFTER", "90"],
    ["SEVENSTEP_ARCHIVE_AFTER", "PT59M"],
    ["SEVENSTEP_ARCHIVE_AFTER", "-P90D"],
    ["SEVENSTEP_ARCHIVE_AFTER", "Never"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"],
  ])("refuses %s=%s in one line that names the variable and not the value", (name, value) => {
    const read = () => readEnvironment({ [name]: value });
    expect(read).toThrow(BadEnvironment);
    expect(read).toThrow(new RegExp(`^${name}: expected [^\\n]*$`));
  });

  test("takes lists with commas between", () => {
    const origins = "https://desk.example.com, http://localhost:5173,";
    const read = readEnvironment({
      SEVENSTEP_CORS_ORIGINS: origins,
      SEVENSTEP_TRUSTED_PROXIES: "10.0.0.0/8,::1",
    });
    expect(read.corsOrigins).toEqual(["https://desk.example.com", "http://localhost:5173"]);
    expect(read.trustedProxies.map(({ bits }) => bits)).toEqual([8, 128]);
  });

  test("takes an identity provider with its audience only", () => {
    const issuer = { OIDC_ISSUER: "https://login.example.com/realms/desk" };
    expect(() => readEnvironment(issuer)).toThrow(/^OIDC_AUDIENCE: expected /);
    const claims = { OIDC_AUDIENCE: "sevenstep", OIDC_ROLES_CLAIM: "realm_access.roles" };
    expect(readEnvironment({ ...issuer, ...claims }).oidc).toEqual({
      issuer: issuer.OIDC_ISSUER,
      audience: "sevenstep",
      rolesClaim: "realm_access.roles",
      centresClaim: "centres",
    });
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
