import type { ShownDemo } from "./demo.ts";
import { proofSample } from "./proof-sample.ts";

export type Greeting = {
  url: string;
  seconds: number;
  /** What the server stands on, a sentence each. */
  behind: readonly string[];
  demo: ShownDemo | null;
};

/** What `npm start` says when it is ready. With the demo, every line to copy works as it stands. */
export function greeting({ url, seconds, behind, demo }: Greeting): string {
  const own = ["Make a key with: npm run key", `Then: curl -H 'Authorization: Bearer dais_…' '${url}/v1/signals'`];
  return [
    "",
    `Dais is ready after ${seconds.toFixed(1)} s: ${url}`,
    "",
    ...behind,
    `Pages: ${url}/ (start here), ${url}/reference, ${url}/openapi.json`,
    "",
    ...(demo ? demoLines(url, demo) : own),
    "Ctrl-C stops it.",
    "",
  ].join("\n");
}

function demoLines(url: string, demo: ShownDemo): string[] {
  const longest = Math.max(...demo.keys.map(({ persona }) => persona.length));
  return [
    `Sign in as one of the demo's people: ${url}/auth/sign-in?returnTo=/session`,
    "",
    `Demo: ${demo.organisation}. These lines work as they are:`,
    "",
    ...samples(url, demo).flatMap(([title, line]) => [`# ${title}`, line, ""]),
    "Demo keys, the same on every machine (falak is another organisation):",
    ...demo.keys.map(({ persona, text }) => `  ${persona.padEnd(longest)}  ${text}`),
    "",
  ];
}

/** One line for each thing to try, in POSIX shell. */
function samples(url: string, { key, signal, proof }: ShownDemo): [title: string, line: string][] {
  const curl = `curl -s -H 'Authorization: Bearer ${key}'`;
  const json = `${curl} -H 'Content-Type: application/json'`;
  const tools = `'{"jsonrpc":"2.0","id":1,"method":"tools/list"}'`;
  const now = new Date().toISOString();
  const report = {
    source: "rimal.operations",
    title: "Generator test at site 4",
    severity: "minor",
    category: "infra",
    classification: "internal",
    occurredAt: now,
    reportedAt: now,
  };
  const acknowledge =
    signal && `${json} '${url}/v1/signals/${signal.id}/acknowledge' -d '{"version":${signal.version}}'`;
  return [
    ["REST: the latest signals", `${curl} '${url}/v1/signals?limit=3'`],
    ["tRPC: the same", `${curl} -G '${url}/trpc/signals.list' --data-urlencode 'input={"limit":3}'`],
    ["MCP: the tools", `${json} -H 'Accept: application/json, text/event-stream' '${url}/mcp' -d ${tools}`],
    ["Report a signal", `${json} '${url}/v1/signals' -d '${JSON.stringify(report)}'`],
    ...(acknowledge ? [["Acknowledge one", acknowledge] as [string, string]] : []),
    ...(proof ? [proofSample({ ...proof, url })] : []),
  ];
}
