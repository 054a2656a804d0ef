/** One server under measurement: `serve.ts NAME PLACE`. Tells its port, and then what it is asked for. */
import type { Memory, Place } from "./subject.ts";

const [name = "", place = "{}"] = process.argv.slice(2);
const { start } = (await import(`./subjects/${name}.ts`)) as { start(place: Place): Promise<number> };
const port = await start(JSON.parse(place));

process.on("message", (what) => {
  if (what === "cpu") process.send?.(cpu());
  if (what === "memory") process.send?.(memory());
  if (what === "stop") process.exit();
});
process.on("disconnect", () => process.exit());
process.send?.(port);

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function memory(): Memory {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: heapUsed, resident: rss };
}
