import { type AddressInfo, createServer } from "node:net";
import { link } from "@dais/kernel/link";
import { afterEach, describe, expect, inject, test } from "vitest";
import { afterwards, cleanUp } from "./support/programs.ts";
import { proxy } from "./support/proxy.ts";

afterEach(cleanUp);

describe("a connection to Postgres", () => {
  test("that answers nothing, and isn't closed either, is given up", async () => {
    const deaf = createServer(() => {});
    await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
    afterwards(() => deaf.close());
    const { port } = deaf.address() as AddressInfo;
    const silent = link({ ...inject("login"), host: "127.0.0.1", port }, 300);
    await expect(silent.send("select 1", [], "objects")).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(silent.lost()).toBe(true);
  });

  test("that is lost refuses what waits on it and what comes after, and never connects again", async () => {
    const { host, port, ...rest } = inject("login");
    const wire = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
    afterwards(() => wire.close());
    const one = link({ ...rest, host: wire.host, port: wire.port });
    expect(await one.send("select 1 as one", [], "objects")).toEqual([{ one: 1 }]);
    const waiting = one.send("select pg_sleep(5)", [], "objects");
    wire.cut();
    wire.mend();
    await expect(waiting).rejects.toThrow();
    await expect(one.send("select 1", [], "objects")).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  });
});
