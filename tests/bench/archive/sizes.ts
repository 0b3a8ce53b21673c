/** What tables take on the disk: with what hangs on them, and their indexes apart. */

import pg from "pg";

export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** With TOAST, without indexes. */
  readonly tableMb: number;
  readonly indexMb: number;
}

/** Partitions count for their parent; tables without rows are left out. */
export async function tableSizes(url: string): Promise<readonly TableSize[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("analyze");
    const { rows } = await client.query<TableSize>(SIZES);
    return rows;
  } finally {
    await client.end();
  }
}

const SIZES = `
  select regexp_replace(relname, '_\\d{4}_\\d\\d$', '') as "table", sum(greatest(reltuples, 0))::float8 as rows,
    round(sum(pg_table_size(oid)) / 1048576.0, 1)::float8 as "tableMb",
    round(sum(pg_indexes_size(oid)) / 1048576.0, 1)::float8 as "indexMb"
  from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reltuples > 0
  group by 1 order by 3 desc`;
