import { registerHooks } from "node:module";
import type { Place } from "../subject.ts";

/** The server as it is delivered, but for one thing: it neither makes audit entries nor writes them. There is no such setting, and must not be. */
export async function start(place: Place): Promise<number> {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith("/packages/kernel/audit.ts")) return loaded;
      const source = String(loaded.source)
        .replace(/export function doneRow\([\s\S]*?\n}\n/, "export const doneRow = () => ({});\n")
        .replace(/export const insertAudit = .*;/, "export const insertAudit = async () => [];");
      if (!/doneRow = [\s\S]*insertAudit = async/.test(source))
        throw new Error("The audit log is written elsewhere now.");
      return { ...loaded, source };
    },
  });
  return (await import("./dais.ts")).start(place);
}
