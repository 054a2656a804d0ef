/** Stands in for curl on a machine without it: `node curl.ts`, with the options that the papers use. */
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
  },
});
const [target = ""] = positionals;
const coded = values["data-urlencode"].map((pair) => pair.replace(/(?<==).*/s, encodeURIComponent));
const data = [...values.data, ...coded].join("&");
const headers = new Headers(values.header.map((line) => line.split(/:\s*/s, 2) as [string, string]));
if (data && !values.get && !headers.has("content-type"))
  headers.set("content-type", "application/x-www-form-urlencoded");
const response = await fetch(values.get ? `${target}?${data}` : target, {
  method: values.request ?? (data && !values.get ? "POST" : "GET"),
  headers,
  redirect: "manual",
  ...(data && !values.get ? { body: data } : {}),
});
process.stdout.write(await response.text());
process.stderr.write(`${response.status}\n`);
