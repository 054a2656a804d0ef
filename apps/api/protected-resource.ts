import { Hono } from "hono";
import { address } from "./auth/answers.ts";
import type { SignInSettings } from "./auth/settings.ts";
import type { Env } from "./request.ts";
import { respond } from "./respond.ts";

/** What is protected, below the server's address: all of it, or a face. */
const faces = ["", "/v1", "/trpc", "/mcp"] as const;
const wellKnown = "/.well-known/oauth-protected-resource";

/** The names by which a token may say that it is for us. @see RFC 8707 */
export const resourcesOf = (publicUrl: string): string[] => faces.map((face) => `${publicUrl}${face}`);

/**
 * Says to whoever was refused where tokens for us come from, so that an MCP client finds the issuer by itself.
 * @see RFC 9728, section 3
 */
export function protectedResource(
  publicUrl: string,
  { issuer, clientId }: Pick<SignInSettings, "issuer" | "clientId">,
): Hono<Env> {
  const app = new Hono<Env>();
  for (const face of faces) {
    const document = JSON.stringify({
      resource: `${publicUrl}${face}`,
      authorization_servers: [issuer],
      scopes_supported: [`api://${clientId}/access`],
      bearer_methods_supported: ["header"],
      resource_name: "Dais",
      resource_documentation: `${publicUrl}/reference`,
    });
    const headers = {
      "content-type": "application/json",
      "cache-control": "public, max-age=3600",
      // Public, and asked for by browsers of anywhere.
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
    };
    const show = (c: Parameters<Parameters<typeof address>[3]["GET"] & object>[0]) =>
      respond(c.get("caller"), 200, document, headers);
    address(app, `${wellKnown}${face}`, publicUrl, { GET: show, HEAD: show });
  }
  return app;
}

/** Adds to a refusal where its face's document is. @see RFC 9728, section 5.1 */
export function challenge(response: Response, path: string, publicUrl: string): void {
  const said = response.headers.get("www-authenticate");
  const face = faces.find((one) => one !== "" && (path === one || path.startsWith(`${one}/`)));
  if (!said || !face) return;
  response.headers.set("www-authenticate", `${said}, resource_metadata="${publicUrl}${wellKnown}${face}"`);
}
