import { inject } from "vitest";
import { spawnServer } from "./process.ts";
import { afterwards } from "./programs.ts";
import { proxy } from "./proxy.ts";

/** A server whose process dies right after it has sent what fits, before Postgres' answer can reach it. */
export async function dyingServer(sent: (bytes: Buffer) => boolean) {
  const { host, port, ...rest } = inject("login");
  const wire = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
  afterwards(() => wire.close());
  const server = await spawnServer({ connection: { ...rest, host: wire.host, port: wire.port } });
  wire.cutAfter((bytes) => {
    const now = sent(bytes);
    if (now) server.kill();
    return now;
  });
  return server;
}
