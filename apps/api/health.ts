import type { Gate } from "@dais/kernel/gate";
import type { Pool } from "@dais/kernel/pool";
import { Hono } from "hono";

type Checks = { app: Pool; gate: Gate; draining(): boolean };

/** For whoever runs the server: is it alive, may it get traffic, and what is away. */
export function health({ app, gate, draining }: Checks): Hono {
  const routes = new Hono();
  routes.get("/livez", (c) => c.json({ status: "ok" }));
  routes.get("/readyz", async (c) => {
    const [postgres, store] = await Promise.all([
      answers(() => app.hold("", (lane) => lane.send("select 1"))),
      answers(() => gate.ping()),
    ]);
    const away = [
      ...(postgres ? [] : ["postgres"]),
      ...(store ? [] : [gate.kind]),
      ...(draining() ? ["draining"] : []),
    ];
    return c.json(
      { status: away.length === 0 ? "ok" : "unavailable", away, store: gate.kind },
      away.length === 0 ? 200 : 503,
    );
  });
  return routes;
}

const answers = (check: () => Promise<unknown>): Promise<boolean> =>
  Promise.race([
    check().then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 2000).unref()),
  ]).catch(() => false);
