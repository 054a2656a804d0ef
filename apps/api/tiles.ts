import type { Gate } from "@dais/kernel/gate";
import type { Rows } from "@dais/kernel/lane";
import type { Pool } from "@dais/kernel/pool";
import { Problem } from "@dais/kernel/problem";
import { width } from "@dais/kernel/proof/tiles";
import { behind } from "@dais/kernel/wall";
import { openCheckpoint, openEntries, openTile } from "@dais/modules/audit/open";
import { type Context, Hono } from "hono";
import { address } from "./auth/answers.ts";
import type { Env } from "./request.ts";
import { problemResponse, respond } from "./respond.ts";

type Parts = { app: Pool; gate: Gate; publicUrl: string };
type Found = { body: string | Buffer; type: string; cache: string };
type Ask = (text: string, params: readonly unknown[]) => Promise<Rows>;

/**
 * The audit logs that their organisations have opened, for whoever wants to watch them grow: no credential, nothing to change. A log that isn't
 * open is answered like one that doesn't exist.
 * @see https://c2sp.org/tlog-tiles
 */
export function tiles({ app, gate, publicUrl }: Parts): Hono<Env> {
  const routes = new Hono<Env>();

  async function show(c: Context<Env>): Promise<Response> {
    const caller = c.get("caller");
    try {
      const limit = await gate.admit({ tenantId: "tiles", actorId: caller.address }, "read").catch(away);
      if (!limit.limit.allowed) throw new Problem("rate_limited", { retryAfterSeconds: limit.limit.resetSeconds });
      const found = await look(app, c.req.path);
      if (!found) throw new Problem("not_found");
      const headers = { "content-type": found.type, "cache-control": found.cache, "access-control-allow-origin": "*" };
      return respond(caller, 200, found.body, { ...headers, "cross-origin-resource-policy": "cross-origin" });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return problemResponse(error, caller, publicUrl);
    }
  }

  for (const path of ["/audit/:slug/checkpoint", "/audit/:slug/tile/*"])
    address(routes, path, publicUrl, { GET: show, HEAD: show });
  return routes;
}

const away = (): never => {
  throw new Problem("unavailable", { retryAfterSeconds: 5 });
};

const form =
  /^\/audit\/([a-z][a-z0-9-]{1,39})\/(?:(checkpoint)|tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?)$/;

async function look(app: Pool, path: string): Promise<Found | null> {
  const [fits, slug, checkpoint, level, place, part] = form.exec(path) ?? [];
  if (!fits) return null;
  const ask: Ask = (text, params) => behind(app, wall, [slug, nobody], text, params);
  if (checkpoint) {
    const note = await openCheckpoint(ask);
    return note === null ? null : { body: note, type: "text/plain; charset=utf-8", cache: "public, max-age=1" };
  }
  const tile = tileNumber(place as string);
  const many = part === undefined ? width : Number(part);
  if (tile === null || (part !== undefined && many >= width) || Number(level) > 6) return null;
  const body =
    level === "entries" ? await openEntries(ask, tile, many) : await openTile(ask, Number(level), tile, many);
  return body && { body, type: "application/octet-stream", cache: "public, max-age=31536000, immutable" };
}

/** Three digits for each element; none in front that says nothing. */
function tileNumber(place: string): number | null {
  return place.startsWith("x000") ? null : Number(place.replaceAll(/[x/]/g, ""));
}

const nobody = "00000000-0000-0000-0000-000000000000";
const wall = "select set_config('dais.tenant', coalesce(tenant_of($1)::text, $2), false)";
