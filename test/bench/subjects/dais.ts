import { randomBytes } from "node:crypto";
import { readConfig } from "@dais/api/config";
import { logger } from "@dais/api/log";
import { type Server, server } from "@dais/api/server";
import { apiOf } from "../api.ts";
import type { Place } from "../subject.ts";
import { cursorKey, most } from "./fixed.ts";

/** The server as it is delivered: logging, metrics, limits and all. */
export const start = async (place: Place): Promise<number> => (await started(place)).port;

export function started({ postgres, redis, operations, env }: Place): Promise<Server> {
  const rates = Object.fromEntries(["READ", "WRITE", "HEAVY", "AUTH"].map((rate) => [`RATE_${rate}`, String(most)]));
  return server({
    // Calls only: whoever delivers events would deliver those of the server that it is compared with, too.
    config: readConfig({
      PORT: "0",
      DAIS_ROLE: "api",
      PUBLIC_URL: "http://dais.test",
      REDIS_URL: redis,
      ...rates,
      ...env,
    }),
    connection: postgres,
    cursorKey,
    sources: { now: () => new Date(), random: randomBytes },
    log: logger("info"),
    ...(operations ? { api: apiOf(operations) } : {}),
  });
}
