import { signals } from "@dais/drizzle/schema/signals";
import { getTableColumns } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Row } from "./workflow.ts";

/** The columns of signals, for statements that Drizzle can't say. */
export const columns = Object.entries(getTableColumns(signals)) as [keyof Row, PgColumn][];

/** A row as Postgres answers it to `select *`. */
export const mapped = (row: Record<string, unknown>): Row =>
  Object.fromEntries(
    columns.map(([field, column]) => {
      const value = row[column.name] ?? null;
      return [field, value === null ? null : column.mapFromDriverValue(value)];
    }),
  ) as Row;

/** A row as `json_to_recordset` reads it. */
export const byColumn = (row: Partial<Row>): Record<string, unknown> =>
  Object.fromEntries(columns.flatMap(([field, { name }]) => (field in row ? [[name, row[field]]] : [])));
