import { z } from "zod";
import { list, number, url, yes } from "./config-kit.ts";
import { courierFields, couriersBy, couriersWrong } from "./courier-settings.ts";

/** `id:base64` of 32 bytes each. */
const sealKeys = z.string().transform((text, context) => {
  const keys = text.split(",").map((part) => {
    const [id = "", key = ""] = part.trim().split(":");
    return { id, key: new Uint8Array(Buffer.from(key, "base64")) };
  });
  if (keys.some(({ id, key }) => !/^[a-z0-9-]{1,20}$/i.test(id) || key.length !== 32))
    context.addIssue({ code: "custom", message: "must be id:base64 of 32 bytes, separated by commas" });
  return keys;
});

/** Every setting there is, read from the environment once. */
const Schema = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  DAIS_ROLE: z
    .enum(["api", "worker", "all"])
    .default("all")
    .describe("What this process does: serve calls, the work behind them, or both. One of several needs REDIS_URL."),
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
  ENTRA_TENANT_ID: z.guid().optional().describe("The Entra ID tenant whose people sign in."),
  ENTRA_CLIENT_ID: z.guid().optional().describe("Our application there."),
  ENTRA_CLIENT_SECRET: z.string().min(1).optional().describe("Its secret; or a certificate."),
  ENTRA_CERTIFICATE_FILE: z.string().min(1).optional().describe("A file with its certificate and private key, in PEM."),
  ENTRA_URL: url(/^https?:$/, "https://login.microsoftonline.com")
    .default("https://login.microsoftonline.com")
    .describe("Where Entra ID answers; national clouds have addresses of their own."),
  GRAPH_URL: url(/^https?:$/, "https://graph.microsoft.com")
    .default("https://graph.microsoft.com")
    .describe("Where Microsoft Graph answers: asked for the groups of who has more than a token can hold."),
  OIDC_ISSUER: url(/^https?:$/, "https://id.example.org")
    .optional()
    .describe("Any other OpenID Connect issuer, instead of Entra ID."),
  OIDC_CLIENT_ID: z.string().min(1).max(200).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  SSF_TRANSMITTER: url(/^https?:$/, "https://id.example.org")
    .optional()
    .describe(
      "Who may push security events (Shared Signals): sessions that ended elsewhere, credentials that changed.",
    ),
  SSF_AUDIENCE: z.string().min(1).max(500).optional().describe("Whom these are for. By default PUBLIC_URL."),
  SEAL_KEYS: sealKeys
    .optional()
    .describe(
      "Keys that seal what the issuer gave us, the secrets of webhooks and the keys that sign audit logs: `id:base64` of 32 bytes, the current one first, separated by commas.",
    ),
  SESSION_IDLE_MINUTES: number(1, 1440, 30).describe("A session that nobody uses for so long is over."),
  SESSION_HOURS: number(1, 168, 12).describe("A session is over after so long, however busy."),
  EVENTS_RETAIN_HOURS: number(1, 8760, 48).describe("A live stream can be resumed after so long, without reloading."),
  AMQP_URL: url(/^amqps?:$/, "amqp://broker.example.org")
    .optional()
    .describe("A RabbitMQ that hears every event, and whose queues bring commands. Without it there is neither."),
  ...courierFields,
  DEMO: yes
    .optional()
    .describe(
      "Loads the demo organisation. By default only with the embedded Postgres, and where no vendor carries messages.",
    ),
  CURSOR_SECRET: z
    .string()
    .min(32, "must have at least 32 characters")
    .optional()
    .describe("Signs cursors; the same for all processes."),
  CORS_ORIGINS: list.describe("Origins of browsers that may call, separated by commas."),
  ALLOWED_HOSTS: list.describe("Host names by which MCP may be reached, besides PUBLIC_URL's and localhost."),
  ALLOWED_FEED_HOSTS: list.describe(
    "Hosts (host or host:port) within private networks that feeds of alerts may be asked at. All others must be public, and https.",
  ),
  ALLOWED_WEBHOOK_HOSTS: list.describe(
    "Hosts (host or host:port) within private networks that webhooks may be sent to. All others must be public, and https.",
  ),
  TRUSTED_PROXIES: number(0, 10, 0).describe("How many proxies in front may be believed about the caller's address."),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  RATE_READ: number(1, 1_000_000, 600).describe("Reads for each caller and minute."),
  RATE_WRITE: number(1, 1_000_000, 120).describe("Changes for each caller and minute."),
  RATE_HEAVY: number(1, 1_000_000, 20).describe("Exports, uploads and batches for each caller and minute."),
  RATE_AUTH: number(1, 1_000_000, 20).describe("Failed credentials for each address and minute."),
  MOST_IN_FLIGHT: number(1, 100_000, 512).describe("Calls under way in this process."),
  MOST_IN_FLIGHT_TENANT: number(1, 100_000, 256).describe("Calls under way for one organisation in this process."),
  MOST_STREAMS: number(1, 100_000, 5000).describe("Open streams of events in this process."),
  MOST_STREAMS_CALLER: number(1, 100_000, 20).describe("Of them, for one caller."),
  STREAM_BEAT_SECONDS: number(1, 300, 15).describe(
    "How often a stream on which nothing happens shows that it is alive.",
  ),
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
  const wrong = [...signInWrong(config), ...couriersWrong(config)];
  if (config.DEMO && couriersBy(config) === "vendors")
    wrong.push(
      "DEMO can't be true where vendors carry messages: leave DEMO out, or set DAIS_COURIERS to standin or none.",
    );
  if (config.NODE_ENV !== "production") return wrong;
  // Whoever signs in leaves tokens with us, and whoever works behind the calls signs audit logs.
  const seals = config.ENTRA_TENANT_ID || config.OIDC_ISSUER || config.DAIS_ROLE !== "api";
  const sealed = seals ? (["SEAL_KEYS"] as const) : [];
  const needed = ["DATABASE_URL", "PUBLIC_URL", "CURSOR_SECRET", ...sealed] as const;
  wrong.push(...needed.filter((name) => !config[name]).map((name) => `${name} must be set in production.`));
  if (config.DAIS_ROLE !== "all" && !config.REDIS_URL)
    wrong.push("REDIS_URL must be set where DAIS_ROLE isn't all: several processes must share what they remember.");
  if (config.DEMO) wrong.push("DEMO can't be true in production: its keys are public.");
  return wrong;
}

function signInWrong(config: Config): string[] {
  const { ENTRA_TENANT_ID: entra, OIDC_ISSUER: oidc } = config;
  if (config.SSF_TRANSMITTER && !entra && !oidc)
    return ["SSF_TRANSMITTER needs ENTRA_TENANT_ID or OIDC_ISSUER: without one there is nobody to speak of."];
  if (entra && oidc) return ["ENTRA_TENANT_ID and OIDC_ISSUER are set: set one of them."];
  if (oidc && !config.OIDC_CLIENT_ID) return ["OIDC_ISSUER needs OIDC_CLIENT_ID."];
  if (!entra) return [];
  const proofs = [config.ENTRA_CLIENT_SECRET, config.ENTRA_CERTIFICATE_FILE].filter(Boolean).length;
  return [
    ...(config.ENTRA_CLIENT_ID ? [] : ["ENTRA_TENANT_ID needs ENTRA_CLIENT_ID."]),
    ...(proofs === 1 ? [] : ["ENTRA_TENANT_ID needs either ENTRA_CLIENT_SECRET or ENTRA_CERTIFICATE_FILE."]),
  ];
}

const sentence = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_type") return "must be a whole number";
  if (issue.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small" && issue.origin !== "string") return `must be at least ${issue.minimum}`;
  if (issue.code === "too_big" && issue.origin !== "string") return `must be at most ${issue.maximum}`;
  return issue.message;
};
