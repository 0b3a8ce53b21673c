/** Table `log_tiles`: the hashes of the log's tree, as C2SP's tlog-tiles lays them out. */

import { sql } from "kysely";

import { TileMissing, type Tile, type TilePlace } from "../../audit/log/tiles.ts";
import type { Db } from "../database.ts";

export interface LogTilesTable {
  readonly level: number;
  readonly index: number;
  readonly hashes: Uint8Array;
}

/** @throws {TileMissing} naming one that is not there */
export async function readTiles(db: Db, places: readonly TilePlace[]): Promise<readonly Tile[]> {
  if (places.length === 0) return [];
  const levels = places.map(({ level }) => level);
  const indexes = places.map(({ index }) => index);
  const { rows } = await sql<Tile>`
    select level, index, hashes
    from unnest(${levels}::integer[], ${indexes}::bigint[]) as wanted (level, index)
      join log_tiles using (level, index)`.execute(db);
  const absent = places.find((place) => !rows.some((row) => isAt(row, place)));
  if (absent === undefined) return rows;
  throw new TileMissing(absent, 1, 0);
}

export async function writeTiles(db: Db, tiles: readonly Tile[]): Promise<void> {
  await db
    .insertInto("log_tiles")
    .values(tiles.map(({ level, index, hashes }) => ({ level, index, hashes })))
    .onConflict((conflict) =>
      conflict.columns(["level", "index"]).doUpdateSet((row) => ({
        hashes: row.ref("excluded.hashes"),
      })),
    )
    .execute();
}

function isAt(tile: TilePlace, { level, index }: TilePlace): boolean {
  return tile.level === level && tile.index === index;
}
