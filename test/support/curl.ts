/** Stands in for curl on a machine without it: `node curl.ts`, with the options that the papers use. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const many = { type: "string", multiple: true, default: [] as string[] } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    "show-error": { type: "boolean", short: "S" },
    "write-out": { type: "string", short: "w" },
    get: { type: "boolean", short: "G" },
    request: { type: "string", short: "X" },
    header: { ...many, short: "H" },
    data: { ...many, short: "d" },
    "data-urlencode": many,
    "data-binary": many,
    "no-buffer": { type: "boolean", short: "N" },
    "max-time": { type: "string", short: "m" },
  },
});
const [target = ""] = positionals;
const coded = values["data-urlencode"].map((pair) => pair.replace(/(?<==).*/s, encodeURIComponent));
const whole = values["data-binary"].map((text) => (text.startsWith("@") ? readFileSync(text.slice(1), "utf8") : text));
const data = [...values.data, ...coded, ...whole].join("&");
const headers = new Headers(values.header.map((line) => line.split(/:\s*/s, 2) as [string, string]));
if (data && !values.get && !headers.has("content-type"))
  headers.set("content-type", "application/x-www-form-urlencoded");
const response = await fetch(values.get ? `${target}?${data}` : target, {
  method: values.request ?? (data && !values.get ? "POST" : "GET"),
  headers,
  redirect: "manual",
  ...(data && !values.get ? { body: data } : {}),
});
process.stderr.write(`${response.status}\n`);
// As curl does: who waits so long has waited enough, whatever came.
if (values["max-time"]) setTimeout(() => process.exit(28), Number(values["max-time"]) * 1000).unref();
for await (const chunk of response.body ?? []) process.stdout.write(chunk);
