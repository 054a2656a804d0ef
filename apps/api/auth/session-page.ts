import type { Me } from "@dais/contracts/me";
import type { Kernel } from "@dais/kernel/dispatch";
import { type Context, Hono } from "hono";
import { html } from "../pages/html.ts";
import { page as whole } from "../pages/layout.ts";
import type { Env } from "../request.ts";
import { address, page, redirect, refusal } from "./answers.ts";

/** `/session`: who the browser is signed in as, what that allows, and the ways to prove more and to leave. */
export function sessionPage(kernel: Pick<Kernel, "dispatch">, publicUrl: string): Hono<Env> {
  const app = new Hono<Env>();
  const show = async (c: Context<Env>) => {
    const caller = c.get("caller");
    const { problem, ...answer } = await kernel.dispatch({ ...caller, operation: "me.get", readInput: () => ({}) });
    if (problem?.code === "unauthenticated") return redirect(c, "/auth/sign-in?returnTo=/session");
    if (problem) return refusal(c, problem, publicUrl);
    return page(c, shown((answer as { output: Me }).output));
  };
  address(app, "/session", publicUrl, { GET: show, HEAD: show });
  return app;
}

const shown = ({ actor, roles, permissions, clearance, tenant, session }: Me) =>
  whole({
    title: "Your session",
    description: "Who you are signed in as, and what you may do.",
    body: html`<h1>${named(actor.name)}</h1>
<p class="lead">${named(tenant.name)}</p>
<table><tbody>
<tr><th scope="row">Roles</th><td>${roles.join(", ") || "none"}</td></tr>
<tr><th scope="row">Clearance</th><td>${clearance}</td></tr>
<tr><th scope="row">Signed in</th><td>${session?.openedAt ?? ""}, until ${session?.endsAt ?? ""} at most</td></tr>
<tr><th scope="row">Second factor</th><td>${session?.provenAt ?? "not proven in this session"}</td></tr>
</tbody></table>
<p><a href="/auth/step-up?returnTo=/session">Prove a second factor</a> · <a href="/auth/sign-out">Sign out</a> · <a href="/v1/me">The same as JSON</a></p>
<h2>You may</h2>
<p>${permissions.length === 0 ? "Nothing yet: an administrator gives you a role." : permissions.map((permission) => html`<code>${permission}</code> `)}</p>`,
  });

const named = ({ en, ar }: Me["actor"]["name"]) =>
  html`<bdi>${en}</bdi>${ar === null ? null : html` · <span lang="ar" dir="rtl">${ar}</span>`}`;
