import { customType } from "drizzle-orm/pg-core";

/**
 * A column of texts, `text[]`. Drizzle's own reads a member without its backslashes.
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export const texts = customType<{ data: string[]; driverData: string }>({
  dataType: () => "text[]",
  toDriver: (members) => arrayOf(members),
  fromDriver: (literal) => membersOf(literal),
});

/**
 * The literal of an array with these members, whatever is in them: a parameter for `$1::text[]`, and for `uuid[]` and the like.
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export const arrayOf = (members: readonly string[]): string => `{${members.map(quoted).join(",")}}`;

const quoted = (member: string): string => `"${member.replace(/["\\]/g, "\\$&")}"`;

/** The members of a literal of one dimension without nulls: bare, or in quotes with backslashes before what stands for itself. */
export const membersOf = (literal: string): string[] =>
  [...literal.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/gs)].map(
    ([, inQuotes, bare]) => inQuotes?.replace(/\\(.)/gs, "$1") ?? (bare as string),
  );
