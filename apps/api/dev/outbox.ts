import { attachment } from "@dais/kernel/disposition";
import { Problem } from "@dais/kernel/problem";
import type { Shown } from "@dais/local/vendors/shown";
import { type Context, Hono } from "hono";
import { address, formHeaders, page, redirect } from "../auth/answers.ts";
import { readForm } from "../body.ts";
import type { Config } from "../config.ts";
import { rebinding } from "../mcp/rebinding.ts";
import { serve } from "../pages/asset.ts";
import type { Env } from "../request.ts";
import { problemResponse, respond } from "../respond.ts";
import { offers, outboxPage, outboxSheet } from "./outbox-page.ts";
import type { Outbox } from "./standins.ts";

/** What a button of the page stands for. */
const doings: Readonly<Record<string, (box: Outbox, message: Shown) => void>> = {
  delivered: (box, message) => box.tell(message, "delivered"),
  read: (box, message) => box.tell(message, "read"),
  ok: (box, message) => box.reply(message, "OK"),
  stop: (box, message) => box.reply(message, "STOP"),
  start: (box, message) => box.reply(message, "START"),
};
const most = 200;

/**
 * `/dev/outbox`: every message that the stand-ins took, as its recipient would see it, with buttons by which the stand-ins tell what becomes of it. It
 * asks nobody who they are, so it answers by the server's own names only, and its buttons are pressed on its own page only.
 */
export function outbox(box: Outbox, publicUrl: string, config: Pick<Config, "ALLOWED_HOSTS" | "CORS_ORIGINS">) {
  const routes = new Hono<Env>();
  const wrong = rebinding(publicUrl, config);

  const guarded = (handler: (c: Context<Env>) => Response | Promise<Response>) => async (c: Context<Env>) => {
    const caller = c.get("caller");
    try {
      const header = wrong(c.req.raw.headers);
      if (header) throw new Problem("origin_not_allowed", { header });
      return await handler(c);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return problemResponse(error, caller, publicUrl);
    }
  };
  const at = (path: string, handlers: Parameters<typeof address>[3]) =>
    address(
      ...([routes, path, publicUrl] as const),
      Object.fromEntries(Object.entries(handlers).map(([method, handler]) => [method, guarded(handler)])),
    );

  function found(c: Context<Env>): Shown {
    const message = box.find(c.req.param("id") ?? "");
    if (!message) throw new Problem("not_found");
    return message;
  }

  at("/dev/outbox", { GET: (c) => page(c, outboxPage(box.messages(most), publicUrl), { headers: formHeaders }) });
  at("/dev/outbox.css", { GET: (c) => serve(c, outboxSheet) });
  at("/dev/outbox/:id", {
    POST: async (c) => {
      // A browser says of a form where it comes from; what says nothing is no browser.
      const site = c.req.header("sec-fetch-site");
      if (site !== undefined && site !== "same-origin") throw new Problem("origin_not_allowed", { header: "origin" });
      const message = found(c);
      const said = (await readForm(c)).get("do") ?? "";
      const doing = offers(message, said) ? doings[said] : undefined;
      if (!doing) throw new Problem("not_found");
      doing(box, message);
      return redirect(c, `/dev/outbox#m-${message.id}`);
    },
  });
  at("/dev/outbox/:id/html", {
    GET: (c) => {
      const { html } = found(c);
      if (html === null) throw new Problem("not_found");
      // Whatever the mail says, in a place of its own: no script, nothing from elsewhere, nothing of ours.
      return respond(c.get("caller"), 200, `<base target="_blank">${html}`, {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy":
          "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'",
      });
    },
  });
  at("/dev/outbox/:id/files/:n", {
    GET: (c) => {
      const file = found(c).attachments[Number(c.req.param("n"))];
      const bytes = file && box.file(file.sha256);
      if (!file || !bytes) throw new Problem("not_found");
      return respond(c.get("caller"), 200, new Uint8Array(bytes), {
        "content-type": /^[\w.+-]+\/[\w.+-]+$/.test(file.contentType) ? file.contentType : "application/octet-stream",
        "content-disposition": attachment(file.name),
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "no-store",
      });
    },
  });
  return routes;
}
