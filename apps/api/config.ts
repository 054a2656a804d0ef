import { z } from "zod";

const url = (protocols: RegExp, example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), `must be a URL like ${example}`);
const number = (least: number, most: number, otherwise: number) =>
  z.coerce.number().int().min(least).max(most).default(otherwise);
const yes = z.enum(["true", "false"]).transform((text) => text === "true");
const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  );

/** Every setting there is, read from the environment once. */
const Schema = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  HOST: z.string().default("127.0.0.1").describe("Address to listen on. In a container: 0.0.0.0."),
  PORT: number(0, 65_535, 3000).describe("The next free one is taken when it is in use, except in production."),
  PUBLIC_URL: url(/^https?:$/, "https://dais.example.org")
    .optional()
    .describe("Where callers reach this server. Part of every problem's type."),
  DATABASE_URL: url(/^postgres(ql)?:$/, "postgres://dais@db.example.org/dais")
    .optional()
    .describe(
      "Postgres 15 or later. Its user must be a member of dais_app and dais_system. Without it an embedded Postgres is started.",
    ),
  DATABASE_OWNER_URL: url(/^postgres(ql)?:$/, "postgres://owner@db.example.org/dais")
    .optional()
    .describe("Who migrates. By default the same as DATABASE_URL."),
  DATABASE_CONNECTIONS: number(2, 200, 10).describe("Connections for calls, for each process."),
  REDIS_URL: url(/^rediss?:$/, "redis://cache.example.org:6379")
    .optional()
    .describe("Sessions, epochs and limits of several processes. Without it they live in the memory of this one."),
  AMQP_URL: url(/^amqps?:$/, "amqp://broker.example.org")
    .optional()
    .describe("Checked for its form; events are not published to it yet."),
  DEMO: yes.optional().describe("Loads the demo organisation. By default only with the embedded Postgres."),
  CURSOR_SECRET: z
    .string()
    .min(32, "must have at least 32 characters")
    .optional()
    .describe("Signs cursors; the same for all processes."),
  CORS_ORIGINS: list.describe("Origins of browsers that may call, separated by commas."),
  ALLOWED_HOSTS: list.describe("Host names by which MCP may be reached, besides PUBLIC_URL's and localhost."),
  TRUSTED_PROXIES: number(0, 10, 0).describe("How many proxies in front may be believed about the caller's address."),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  RATE_READ: number(1, 1_000_000, 600).describe("Reads for each caller and minute."),
  RATE_WRITE: number(1, 1_000_000, 120).describe("Changes for each caller and minute."),
  RATE_HEAVY: number(1, 1_000_000, 20).describe("Exports, uploads and batches for each caller and minute."),
  RATE_AUTH: number(1, 1_000_000, 20).describe("Failed credentials for each address and minute."),
  MOST_IN_FLIGHT: number(1, 100_000, 512).describe("Calls under way in this process."),
  MOST_IN_FLIGHT_TENANT: number(1, 100_000, 256).describe("Calls under way for one organisation in this process."),
  BODY_SECONDS: number(1, 25, 15).describe("How long a request's body may take to arrive."),
  DRAIN_SECONDS: number(0, 600, 10).describe(
    "How long calls under way may take to end when the process is told to stop.",
  ),
});
export type Config = z.infer<typeof Schema>;

/** Reads the settings. @throws Error with one sentence for each bad value; never the value, which may be a secret */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.keys(Schema.shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const result = Schema.safeParse(given);
  const wrong = result.success
    ? missing(result.data)
    : result.error.issues.map((issue) => `${issue.path.join(".")} ${sentence(issue)}.`);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return result.data as Config;
}

function missing(config: Config): string[] {
  if (config.NODE_ENV !== "production") return [];
  const needed = ["DATABASE_URL", "PUBLIC_URL", "CURSOR_SECRET"] as const;
  const wrong = needed.filter((name) => !config[name]).map((name) => `${name} must be set in production.`);
  return config.DEMO ? [...wrong, "DEMO can't be true in production: its keys are public."] : wrong;
}

const sentence = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_type") return "must be a whole number";
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small" && issue.origin !== "string") return `must be at least ${issue.minimum}`;
  if (issue.code === "too_big" && issue.origin !== "string") return `must be at most ${issue.maximum}`;
  return issue.message;
};
