import postgres from "postgres";

type Options = postgres.Options<Record<string, never>>;

/**
 * Makes the user that a server connects as, where there is none yet: it may become dais_app and dais_system, and is nothing itself.
 * A server that connects as its owner could leave its role by SET ROLE; this one can't.
 * @param owner Who may create roles.
 * @returns `owner` with the user's name in its place.
 */
export async function serverLogin<T extends Options>(owner: T, name: string, password?: string): Promise<T> {
  const sql = postgres({ ...owner, max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(`do $$ begin
      if not exists (select from pg_roles where rolname = '${name}') then
        create role ${name} login noinherit${password ? ` password '${password}'` : ""};
      end if;
    exception when duplicate_object or unique_violation then null; -- another process made it just now
    end $$`);
    await sql.unsafe(`grant dais_app, dais_system to ${name}`);
  } finally {
    await sql.end();
  }
  return { ...owner, username: name, ...(password && { password }) };
}
