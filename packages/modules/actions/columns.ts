import { actions } from "@dais/drizzle/schema/actions";
import { getTableColumns } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Row } from "./workflow.ts";

const columns = Object.entries(getTableColumns(actions)) as [keyof Row, PgColumn][];

/** Of most columns a value is what Postgres answers: a list has many, and each is worth not being asked about. */
const plain = ["PgUUID", "PgText", "PgInteger", "PgDateString"];
const read = columns.map(([field, column]) => ({
  field,
  name: column.name,
  column: plain.includes(column.columnType) ? null : column,
}));

/** A row as Postgres answers it to `select *`. */
export function mapped(row: Record<string, unknown>): Row {
  const made: Record<string, unknown> = {};
  for (const { field, name, column } of read) {
    const value = row[name];
    made[field] = column === null || value === null ? value : column.mapFromDriverValue(value);
  }
  return made as Row;
}

/** A row as `json_to_recordset` reads it. */
export const byColumn = (row: Row): Record<string, unknown> =>
  Object.fromEntries(columns.map(([field, { name }]) => [name, row[field]]));
