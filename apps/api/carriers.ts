import type { Channel } from "@dais/contracts/dispatches/values";
import type { CallbackReader, Courier } from "@dais/kernel/couriers/port";
import type { Hono } from "hono";
import type { Env } from "./request.ts";

/** Who carries messages to people, and reads what is said of them. */
export type Carriers = {
  couriers: readonly Courier[];
  readers: readonly CallbackReader[];
  /** What it shows beside, in development. */
  pages?: Hono<Env>;
  close(): Promise<void>;
};

/** Nobody: messages stay in the app. */
export const noCarriers: Carriers = { couriers: [], readers: [], close: async () => {} };

/** Ways of reaching people: by whoever is there, and always in the app itself. */
export const channelsOf = ({ couriers }: Carriers): Channel[] => [...couriers.map(({ channel }) => channel), "in_app"];

/** Where vendors are to tell what becomes of a message of this organisation's. */
export const callbackUrl = (publicUrl: string, vendor: string, { slug }: { slug: string }): string =>
  `${publicUrl}/callbacks/${vendor}/${slug}`;
