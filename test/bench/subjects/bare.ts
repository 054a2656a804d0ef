import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { cheap } from "../api.ts";
import type { Place } from "../subject.ts";
import { guard } from "./guard.ts";

/** Bare Hono: it lets a caller in and answers, and trusts everything in between. */
export async function start(place: Place): Promise<number> {
  const known = await guard(place);
  const app = new Hono();
  app.get("/v1/cheap", async (c) => {
    if (!(await known(c.req.header("authorization"), "read", "bench.read"))) return c.json({}, 401);
    return c.json(cheap({ n: Number(c.req.query("n")), name: c.req.query("name") }));
  });
  return listening(app);
}

export function listening(app: Hono): Promise<number> {
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => resolve(port));
  });
}
