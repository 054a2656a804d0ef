import { getTableColumns, getTableName, type Table } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Rows } from "./lane.ts";

type Send = (text: string, params: readonly unknown[]) => Promise<Rows>;

/**
 * A function that inserts any number of rows, given by their column names, with one prepared statement and one parameter:
 * the text stays the same for one row and for a thousand. A column that a row doesn't name becomes null. `otherwise`: what to do where
 * a row can't be inserted.
 */
export function rowsInserter(table: Table, generated: readonly string[], otherwise = "") {
  const columns = (Object.values(getTableColumns(table)) as PgColumn[]).filter(
    (column) => !generated.includes(column.name),
  );
  const names = columns.map((column) => `"${column.name}"`).join(", ");
  const typed = columns.map((column) => `"${column.name}" ${column.getSQLType()}`).join(", ");
  const text = `insert into "${getTableName(table)}" (${names}) select ${names} from json_to_recordset($1::json) as r(${typed}) ${otherwise}`;
  return (send: Send, rows: readonly object[]) => send(text, [JSON.stringify(rows)]);
}
