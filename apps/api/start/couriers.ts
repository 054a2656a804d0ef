import { type Carriers, noCarriers } from "../carriers.ts";
import type { Config } from "../config.ts";
import { courierSettings, couriersBy } from "../courier-settings.ts";

/**
 * Who carries messages, once it is known where this server answers.
 * @param started Is given each set that was started
 */
export function carriers(config: Config, now: () => Date, started: (carriers: Carriers) => void) {
  return async (publicUrl: string, port: number): Promise<Carriers> => {
    const its = await by(config, { now, publicUrl, port });
    started(its);
    return its;
  };
}

type Where = { now(): Date; publicUrl: string; port: number };

async function by(config: Config, { now, publicUrl, port }: Where): Promise<Carriers> {
  const who = couriersBy(config);
  if (who === "none") return noCarriers;
  if (who === "standin") return (await import("../dev/standins.ts")).standIns({ now, publicUrl, port, config });
  const { couriersOf } = await import("@dais/adapters/couriers");
  const { couriers, readers } = couriersOf({ ...courierSettings(config), now });
  return { couriers, readers, close: async () => void (await Promise.all(couriers.map((one) => one.close()))) };
}

/** What `npm start` says of it. */
export function couriersAbout(config: Config, url: string): string {
  const about = {
    standin: `Messages: stand-ins for the vendors take them (no vendor is configured). Read and answer them at ${url}/dev/outbox.`,
    vendors: "Messages: go out by the vendors of the settings.",
    none: "Messages: stay in the app (no vendor is configured).",
  };
  return about[couriersBy(config)];
}
