import { Hono } from "hono";
import { CheapInput, CheapOutput, cheap } from "../api.ts";
import type { Place } from "../subject.ts";
import { listening } from "./bare.ts";
import { guard } from "./guard.ts";

/** Hono and zod by hand: what comes in and what goes out is parsed by the schemas that the contract has. */
export async function start(place: Place): Promise<number> {
  const known = await guard(place);
  const app = new Hono();
  app.get("/v1/cheap", async (c) => {
    if (!(await known(c.req.header("authorization"), "read", "bench.read"))) return c.json({}, 401);
    const { n, ...query } = c.req.query();
    const input = CheapInput.safeParse({ ...query, ...(n === undefined ? {} : { n: Number(n) }) });
    if (!input.success) return c.json({ issues: input.error.issues }, 400);
    return c.json(CheapOutput.parse(cheap(input.data)));
  });
  return listening(app);
}
