import postgres from "postgres";
import { Usage } from "../flaw.ts";
import { type Checked, checkDatabase } from "./check.ts";

/**
 * The same on a database of its own connection, in one snapshot that writes nothing. Memory holds some hundred entries at a time.
 * @param url `postgres://user:password@host:port/database`; the folder of a socket goes into `?host=`. The user is a superuser or has
 * BYPASSRLS, for whoever doesn't see all rows can't tell that one is missing.
 */
export async function checkDatabaseAt(url: string, asked: Parameters<typeof checkDatabase>[1]): Promise<Checked> {
  const { address, host } = read(url);
  const sql = postgres(address, { ...host, max: 1, fetch_types: false, onnotice: () => {}, connect_timeout: 10 });
  try {
    return await sql.begin("isolation level repeatable read read only", async (tx) => {
      await tx`set local search_path = pg_catalog, public`;
      await tx`set local row_security = off`;
      return await checkDatabase(tx, asked);
    });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // A driver's or the server's refusal has a code; what was found wrong has none.
    if (typeof code !== "string") throw error;
    throw new Usage(`the database can't be read: ${message} (${code})`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** The driver itself reads no socket's folder from an address, and takes it for a setting of the server. */
function read(url: string): { address: string; host: { host?: string } } {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new Usage("--database wants postgres://…");
  const address = new URL(url);
  const host = address.searchParams.get("host");
  address.searchParams.delete("host");
  return { address: address.href, host: host ? { host } : {} };
}
