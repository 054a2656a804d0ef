import { readFileSync } from "node:fs";

/** The files of alerts/, in the order in which they are loaded. */
export const files = [
  "nws-atom-feed.xml",
  "australia.cap",
  "canada.cap",
  "canada_errors.cap",
  "earthquake.cap",
  "weather.cap",
] as const;

/** One of the files, as it was sent. */
export const readAlerts = (file: (typeof files)[number]): Uint8Array =>
  readFileSync(new URL(`./alerts/${file}`, import.meta.url));
