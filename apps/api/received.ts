import { idOf } from "@dais/contracts/kit/ids";
import { type AcknowledgeLinks, recipientIn } from "@dais/kernel/couriers/links";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Gate } from "@dais/kernel/gate";
import type { Pool } from "@dais/kernel/pool";
import { Problem } from "@dais/kernel/problem";
import { behind } from "@dais/kernel/wall";
import { acknowledgeAs } from "@dais/modules/dispatchRecipients";
import { type Context, Hono } from "hono";
import { address, page, refusal } from "./auth/answers.ts";
import { on } from "./auth/on.ts";
import { messagePath } from "./messages.ts";
import { noLinkPage, receivedPage } from "./pages/received.ts";
import type { Env } from "./request.ts";

type Parts = {
  app: Pool;
  gate: Gate;
  kernel: Pick<Kernel, "perform" | "stranger">;
  links: AcknowledgeLinks;
  publicUrl: string;
  /** Whether people can sign in here. */
  signIn: boolean;
};

/** What a link leads to. */
type Found = {
  tenantId: string;
  recipientId: string;
  personId: string | null;
  shown: Omit<Parameters<typeof receivedPage>[0], "justNow" | "signIn">;
};

const mostBlocked = 10_000;

/**
 * `/r/<slug>/<token>`: where whoever has the link says that a message came, without signing in. Looking at it changes nothing, for scanners of mail
 * follow links: only the page's button does, once. It tells nothing of the message, and a link that leads nowhere doesn't say why.
 */
export function received({ app, gate, kernel, links, publicUrl, signIn }: Parts): Hono<Env> {
  const routes = new Hono<Env>();
  /** Organisations that links led to, by their slugs: by it a link's mark is judged without a look. */
  const tenants = new Map<string, string>();
  /** Addresses that have tried too many links which lead nowhere, and until when. */
  const blocked = new Map<string, number>();

  /** Serves what a link leads to, within the allowance of its recipient: a whole building may ask from one address. */
  const serving =
    (kind: "read" | "write", serve: (c: Context<Env>, found: Found) => Promise<Response>) =>
    async (c: Context<Env>): Promise<Response> => {
      const caller = c.get("caller");
      try {
        const [slug, token] = [c.req.param("slug") ?? "", c.req.param("token") ?? ""];
        const marked = links.read(tenants.get(slug) ?? none, token);
        if (marked === null) unblocked(caller.address);
        else await admit(marked, kind);
        const found = await look(app, links, slug, token);
        if (!found) return await nobody(c);
        tenants.set(slug, found.tenantId);
        if (marked === null) await admit(found.recipientId, kind);
        return await serve(c, found);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        return refusal(c, error, publicUrl);
      }
    };

  async function admit(recipientId: string, kind: "read" | "write"): Promise<void> {
    const { limit } = await gate.admit({ tenantId: "links", actorId: recipientId }, kind).catch(away);
    if (!limit.allowed) throw new Problem("rate_limited", { retryAfterSeconds: limit.resetSeconds });
  }

  function unblocked(address: string): void {
    const left = (blocked.get(address) ?? 0) - performance.now();
    if (left > 0) throw new Problem("rate_limited", { retryAfterSeconds: Math.ceil(left / 1000) });
  }

  /** Who tries many links that lead nowhere is refused without a look, unless a link's mark fits. */
  async function nobody(c: Context<Env>): Promise<Response> {
    const caller = c.get("caller");
    kernel.stranger("link_refused", caller);
    const limit = await gate.strike(caller.address).catch(away);
    if (!limit.allowed) {
      if (blocked.size >= mostBlocked) blocked.clear();
      blocked.set(caller.address, performance.now() + limit.resetSeconds * 1000);
      throw new Problem("rate_limited", { retryAfterSeconds: limit.resetSeconds });
    }
    return page(c, noLinkPage(), { status: 404 });
  }

  const show = (c: Context<Env>, found: Found, justNow = false): Response => {
    const returnTo = encodeURIComponent(messagePath(idOf("dre", found.recipientId)));
    // Who is no person of the organisation has nothing to sign in with.
    const there = signIn && found.personId !== null ? `/auth/sign-in?returnTo=${returnTo}` : null;
    return page(c, receivedPage({ ...found.shown, justNow, signIn: there }));
  };

  const acknowledge = async (c: Context<Env>, found: Found): Promise<Response> => {
    const { tenantId, recipientId, personId } = found;
    const where = { ...on(tenantId, c.get("caller")), onBehalfOf: personId && idOf("per", personId) };
    const done = await kernel.perform(acknowledgeAs, where, { recipientId, via: "link" });
    if (!done) return nobody(c);
    const { acknowledgedAt: at } = done.recipient;
    const shown = { ...found.shown, acknowledgedAt: at === null ? null : new Date(at) };
    return show(c, { ...found, shown }, done.changed);
  };

  const looking = serving("read", async (c, found) => show(c, found));
  address(routes, "/r/:slug/:token", publicUrl, { GET: looking, HEAD: looking, POST: serving("write", acknowledge) });
  return routes;
}

const away = (): never => {
  throw new Problem("unavailable", { retryAfterSeconds: 5 });
};

/** The one whom a token names, where it was made for this organisation. A token's mark is judged behind the same look, whoever it names. */
async function look(app: Pool, links: AcknowledgeLinks, slug: string, token: string): Promise<Found | null> {
  const named = recipientIn(token);
  if (named === null || !/^[a-z][a-z0-9-]{1,39}$/.test(slug)) return null;
  const [row] = await behind(app, wall, [slug, none], text, [named]);
  if (!row || links.read(row.tenant_id as string, token) === null || row.id === null) return null;
  const at = row.acknowledged_at as string | null;
  return {
    ...{ tenantId: row.tenant_id as string, recipientId: row.id as string, personId: row.person_id as string | null },
    shown: {
      organisation: { en: row.name_en as string, ar: row.name_ar as string | null },
      timeZone: row.time_zone as string,
      language: row.language as "en" | "ar",
      acknowledgedAt: at === null ? null : new Date(at),
    },
  };
}

const none = "00000000-0000-0000-0000-000000000000";
const wall = "select set_config('dais.tenant', coalesce(tenant_of($1)::text, $2), false)";
const text = `
  select o.id as tenant_id, o.name_en, o.name_ar, o.time_zone, r.id, r.person_id, r.language, r.acknowledged_at
  from organisations o left join dispatch_recipients r on r.tenant_id = o.id and r.id = $1`;
