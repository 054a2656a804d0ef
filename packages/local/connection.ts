import type { PostgresConnection } from "./postgres.ts";

/** Reads a connection written as JSON or as a URL; a URL without a port means 5432. */
export function readConnection(text: string): PostgresConnection {
  if (text.startsWith("{")) return JSON.parse(text);
  const { hostname, port, username, password, pathname, searchParams } = new URL(text);
  const sslmode = searchParams.get("sslmode");
  return {
    host: searchParams.get("host") ?? decodeURIComponent(hostname),
    port: Number(port || searchParams.get("port") || 5432),
    username: decodeURIComponent(username) || "postgres",
    ...(password ? { password: decodeURIComponent(password) } : {}),
    database: decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username) || "postgres",
    ...(sslmode && sslmode !== "disable" ? { ssl: sslmode as PostgresConnection["ssl"] } : {}),
  };
}
