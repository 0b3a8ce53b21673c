/** What a peer's process is told by its environment, and the ids of the orders that it makes at its start. */

export interface PeerEnvironment {
  readonly databaseUrl: string;
  readonly port: number;
  readonly orders: number;
}

export function peerEnvironment(): PeerEnvironment {
  return {
    databaseUrl: process.env["DATABASE_URL"] ?? "",
    port: Number(process.env["PORT"]),
    orders: Number(process.env["ORDERS"]),
  };
}

/** Deterministic, so that the load generator knows them without asking; a UUIDv7 in its form. */
export function idOf(number: number): string {
  return `01938f6e-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

export function idsOf(orders: number): readonly string[] {
  return Array.from({ length: orders }, (_, number) => idOf(number));
}
