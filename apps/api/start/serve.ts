import { freePort } from "@dais/local/port";
import type { Config } from "../config.ts";
import { type Server, type ServerOptions, server } from "../server.ts";
import { Refusal } from "./stop.ts";

/**
 * Starts to listen: in production on the configured port, otherwise on the next free one, said aloud.
 * @throws Refusal when the port is taken in production, or when the configured Redis is away
 */
export async function serve(
  config: Config,
  options: Omit<ServerOptions, "config">,
  say: (text: string) => void,
): Promise<Server> {
  const exact = config.NODE_ENV === "production";
  for (let tries = 0; ; tries++) {
    const port = exact ? config.PORT : await freePort(config.PORT || anyPort());
    try {
      const started = await server({ ...options, config: { ...config, PORT: port } });
      if (config.PORT && port !== config.PORT) say(`Port ${config.PORT} is in use: listening on ${port}.`);
      return started;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      // Between the look and the listening somebody else may have taken it: another Dais that starts at the same moment.
      if (taken && !exact && tries < 5) continue;
      if (taken) throw new Refusal(`Port ${port} is in use: set PORT to another one.`);
      if (/^Redis/.test((error as Error).message)) throw new Refusal(redisAway);
      throw error;
    }
  }
}

const redisAway =
  "The Redis of REDIS_URL can't be reached. Start it, or leave REDIS_URL out for a single process without Redis.";

/** Of those that no registry gives to a service (RFC 6335): what PORT=0 asks for. */
const anyPort = () => 49_152 + Math.floor(Math.random() * 10_000);
