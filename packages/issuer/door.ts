import type { IncomingMessage, ServerResponse } from "node:http";
import { configurationPath, discoveryOf, keysOf, transmitterOf } from "./discovery.ts";
import { serveGraph } from "./graph.ts";
import { json } from "./http.ts";
import { serveDirectory } from "./provider.ts";
import { translated } from "./requests.ts";
import { type Directory, paths, type World } from "./world.ts";

export type Door = {
  serve(req: IncomingMessage, res: ServerResponse): void;
  pause(how?: "unavailable" | "drop"): void;
  resume(): void;
};

/** Sends each request to whom it is for: Graph, or a directory. */
export function doorOf(world: World, directories: readonly Directory[]): Door {
  let paused: "unavailable" | "drop" | null = null;
  return {
    serve(req, res) {
      if (paused === "drop") return void req.socket.destroy();
      if (paused) return json(res, 503, { error: "temporarily_unavailable" }, { "retry-after": "1" });
      route(world, directories, req, res).catch(() => json(res, 400, { error: "invalid_request" }));
    },
    pause(how = "unavailable") {
      paused = how;
    },
    resume() {
      paused = null;
    },
  };
}

async function route(
  world: World,
  directories: readonly Directory[],
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const url = new URL(req.url ?? "/", world.url);
  const [, tid, rest] = /^\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
  const open = { "access-control-allow-origin": "*" };
  const transmitter = directories.find((one) => url.pathname === configurationPath(one.issuer));
  if (transmitter) return json(res, 200, transmitterOf(world, transmitter), open);
  if (tid === "graph") return serveGraph(world, directories, req, res, url);
  const directory = directories.find((one) => one.tid === tid);
  if (!directory || rest === undefined) {
    return json(res, 404, { error: "invalid_tenant", error_description: "AADSTS90002: Tenant not found." });
  }
  if (rest === paths.discovery) return json(res, 200, discoveryOf(world, directory), open);
  if (rest === paths.keys) return json(res, 200, keysOf(world, directory), open);
  const search = rest === paths.authorize ? `?${translated(url.searchParams)}` : url.search;
  serveDirectory(directory, req, res, `${rest}${search}`);
}
