import { localhostAllowedHostnames, validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";
import type { Config } from "../config.ts";

/**
 * Tells which header shows that a request was not meant for this server: `host`, `origin`, or null for neither. A page whose
 * name was made to point here (DNS rebinding) gives itself away by both.
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning
 */
export function rebinding(publicUrl: string, config: Pick<Config, "ALLOWED_HOSTS" | "CORS_ORIGINS">) {
  // Ports don't matter: a page can't choose where its own name leads to and keep the name of ours.
  const named = config.ALLOWED_HOSTS.map((name) => name.toLowerCase());
  const hosts = [new URL(publicUrl).hostname, ...localhostAllowedHostnames(), ...named];
  const origins = new Set(config.CORS_ORIGINS);

  return (headers: Headers): "host" | "origin" | null => {
    const origin = headers.get("origin");
    if (!validateHostHeader(headers.get("host"), hosts).ok) return "host";
    return validateOriginHeader(origin, hosts).ok || origins.has(origin ?? "") ? null : "origin";
  };
}
