import type { Message } from "@dais/contracts/dispatches";
import type { Kernel } from "@dais/kernel/dispatch";
import { type Context, Hono } from "hono";
import { address, page, redirect, refusal } from "./auth/answers.ts";
import { messagePage } from "./pages/message.ts";
import { noLinkPage } from "./pages/received.ts";
import type { Env } from "./request.ts";

type Parts = {
  kernel: Pick<Kernel, "dispatch">;
  publicUrl: string;
  /** Whether people can sign in here. */
  signIn: boolean;
};

/** Where a recipient reads their message. */
export const messagePath = (recipientId: string): string => `/messages/${recipientId}`;

/** `/messages/<recipient>`: what somebody was told, for themself and signed in. Everybody else gets one page, whatever the reason. */
export function messages({ kernel, publicUrl, signIn }: Parts): Hono<Env> {
  const routes = new Hono<Env>();
  const nothing = (c: Context<Env>): Response => page(c, noLinkPage(), { status: 404 });

  const show = async (c: Context<Env>): Promise<Response> => {
    const { problem, ...answer } = await kernel.dispatch({
      ...c.get("caller"),
      operation: "dispatchRecipients.message",
      readInput: () => ({ id: c.req.param("id") }),
    });
    if (!problem) return page(c, messagePage((answer as { output: Message }).output));
    // Who it is, is asked before whether there is anything: the way to sign in says nothing of that.
    if (problem.code === "unauthenticated" && signIn)
      return redirect(c, `/auth/sign-in?returnTo=${encodeURIComponent(c.req.path)}`);
    return problem.status >= 500 || problem.code === "rate_limited" ? refusal(c, problem, publicUrl) : nothing(c);
  };

  address(routes, "/messages/:id", publicUrl, { GET: show, HEAD: show });
  return routes;
}
