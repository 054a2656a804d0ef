import { isIP } from "node:net";
import type { CourierSettings } from "@dais/adapters/couriers";
import { z } from "zod";
import { list, url } from "./config-kit.ts";

const some = (max = 500) => z.string().min(1).max(max).optional();
const sender = z
  .string()
  .regex(/^(\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/i, "must be a number like +97141234567, or a messaging service's sid")
  .optional();

/** Who carries messages to people. */
export const courierFields = {
  DAIS_COURIERS: z
    .enum(["standin", "vendors", "none"])
    .optional()
    .describe(
      "Who carries messages: stand-ins of this process, shown at /dev/outbox; the vendors configured below; or nobody, so that messages stay in the app. By default the vendors where one is configured, otherwise stand-ins, and in production nobody.",
    ),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/i, "must be AC and 32 hex digits")
    .optional()
    .describe("Our account at Twilio, for WhatsApp and SMS."),
  TWILIO_AUTH_TOKENS: list.describe(
    "Its tokens, which sign what Twilio tells us: the current one first, separated by commas.",
  ),
  TWILIO_API_KEY_SID: some().describe("An API key for what we ask of Twilio, instead of the account's token."),
  TWILIO_API_KEY_SECRET: some(),
  TWILIO_WHATSAPP_FROM: sender.describe("Who writes by WhatsApp: a number, or a messaging service."),
  TWILIO_SMS_FROM: sender.describe("Who writes by SMS."),
  TWILIO_URL: url(/^https?:$/, "https://api.twilio.com")
    .optional()
    .describe("Where Twilio answers, where that isn't as usual."),
  MAIL_FROM: z
    .string()
    .max(320)
    .regex(/^([^<>\r\n]+ <[^<>@\s]+@[a-z0-9.-]+>|[^<>@\s]+@[a-z0-9.-]+)$/i, "must be like Dais <dais@example.org>")
    .optional()
    .describe("Who mail comes from."),
  MAIL_REPLY_TO: z.email("must be an address of mail").optional(),
  RESEND_API_KEY: some().describe("Mail goes by Resend."),
  RESEND_WEBHOOK_SECRETS: list.describe("Of our webhook there, `whsec_…`: the current one first, separated by commas."),
  RESEND_URL: url(/^https?:$/, "https://api.resend.com")
    .optional()
    .describe("Where Resend answers, where that isn't as usual."),
  SMTP_URL: url(/^smtps?:$/, "smtps://user:password@mail.example.org:465")
    .optional()
    .describe(
      "Mail goes by a server of our own. `smtps:` speaks TLS from the first byte, `smtp:` begins with STARTTLS; on this machine itself it may be plain.",
    ),
  SMTP_NAME: z
    .string()
    .regex(
      /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i,
      "must be a host's name",
    )
    .optional()
    .describe("As which host we greet that server. By default PUBLIC_URL's."),
  TEAMS_TENANT_ID: z.guid().optional().describe("The directory whose people are written to in Teams."),
  TEAMS_CLIENT_ID: z.guid().optional().describe("Our application there."),
  TEAMS_CLIENT_SECRET: some(),
  TEAMS_SENDER_ID: z.guid().optional().describe("The account that writes."),
  TEAMS_REFRESH_TOKEN: some(10_000).describe("What that account consented to, as the directory gave it."),
};
type Fields = z.infer<z.ZodObject<typeof courierFields>>;
type Config = Fields &
  Record<"NODE_ENV" | "DAIS_ROLE" | "ENTRA_URL" | "GRAPH_URL", string> & { PUBLIC_URL?: string | undefined };

const twilio = ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS"] as const;
const resend = ["RESEND_API_KEY", "RESEND_WEBHOOK_SECRETS", "MAIL_FROM"] as const;
const teams = [
  "TEAMS_TENANT_ID",
  "TEAMS_CLIENT_ID",
  "TEAMS_CLIENT_SECRET",
  "TEAMS_SENDER_ID",
  "TEAMS_REFRESH_TOKEN",
] as const;

const isSet = (config: Fields, name: keyof Fields): boolean => {
  const value = config[name];
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
};

/** What is wrong with how these settings stand together, a sentence each. */
export function couriersWrong(config: Config): string[] {
  const { DAIS_COURIERS: said, NODE_ENV, DAIS_ROLE } = config;
  const wrong = [
    ...allOrNone(config, "Twilio", twilio),
    ...allOrNone(config, "Resend", resend.slice(0, 2)),
    ...allOrNone(config, "Teams", teams),
  ];
  const [byResend, bySmtp] = [isSet(config, "RESEND_API_KEY"), isSet(config, "SMTP_URL")];
  if (byResend && bySmtp) wrong.push("RESEND_API_KEY and SMTP_URL are set: mail goes by one of them.");
  if ((byResend || bySmtp) && !isSet(config, "MAIL_FROM")) wrong.push("MAIL_FROM must be set for mail to come from.");
  if (
    isSet(config, "TWILIO_ACCOUNT_SID") &&
    !isSet(config, "TWILIO_WHATSAPP_FROM") &&
    !isSet(config, "TWILIO_SMS_FROM")
  )
    wrong.push("TWILIO_ACCOUNT_SID needs TWILIO_WHATSAPP_FROM, TWILIO_SMS_FROM or both.");
  if (isSet(config, "TWILIO_API_KEY_SID") !== isSet(config, "TWILIO_API_KEY_SECRET"))
    wrong.push("TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET must be set together.");
  if (said === "vendors" && !anyVendor(config))
    wrong.push("DAIS_COURIERS is vendors, and none is configured: Twilio, Resend, SMTP or Teams.");
  if (said === "standin" && NODE_ENV === "production")
    wrong.push("DAIS_COURIERS can't be standin in production: everybody could read every message at /dev/outbox.");
  if (said === "standin" && DAIS_ROLE !== "all")
    wrong.push(
      "DAIS_COURIERS can be standin only where DAIS_ROLE is all: what they took is in the memory of one process.",
    );
  return wrong;
}

function allOrNone(config: Fields, who: string, names: readonly (keyof Fields)[]): string[] {
  const missing = names.filter((name) => !isSet(config, name));
  return missing.length === 0 || missing.length === names.length ? [] : [`${who} needs ${missing.join(", ")} as well.`];
}

const anyVendor = (config: Fields): boolean =>
  (["TWILIO_ACCOUNT_SID", "RESEND_API_KEY", "SMTP_URL", "TEAMS_TENANT_ID"] as const).some((name) =>
    isSet(config, name),
  );

/** Who carries messages, by the settings. */
export function couriersBy(config: Config): "standin" | "vendors" | "none" {
  if (config.DAIS_COURIERS) return config.DAIS_COURIERS;
  if (anyVendor(config)) return "vendors";
  return config.NODE_ENV === "production" || config.DAIS_ROLE !== "all" ? "none" : "standin";
}

/** The vendors as the settings have them. */
export function courierSettings(config: Config): Omit<CourierSettings, "now"> {
  const from = config.MAIL_FROM ?? "";
  const replyTo = config.MAIL_REPLY_TO ?? null;
  const key = config.TWILIO_API_KEY_SID;
  return {
    twilio: config.TWILIO_ACCOUNT_SID
      ? {
          ...{ accountSid: config.TWILIO_ACCOUNT_SID, authTokens: config.TWILIO_AUTH_TOKENS },
          apiKey: key ? { sid: key, secret: config.TWILIO_API_KEY_SECRET ?? "" } : null,
          ...{ whatsapp: config.TWILIO_WHATSAPP_FROM ?? null, sms: config.TWILIO_SMS_FROM ?? null },
          ...(config.TWILIO_URL && { baseUrl: config.TWILIO_URL }),
        }
      : null,
    resend: config.RESEND_API_KEY
      ? {
          ...{ apiKey: config.RESEND_API_KEY, webhookSecrets: config.RESEND_WEBHOOK_SECRETS, from, replyTo },
          ...(config.RESEND_URL && { baseUrl: config.RESEND_URL }),
        }
      : null,
    smtp: config.SMTP_URL ? { ...serverIn(config.SMTP_URL), ...nameOf(config), from, replyTo } : null,
    teams: config.TEAMS_TENANT_ID
      ? {
          graphUrl: config.GRAPH_URL,
          tokenUrl: `${config.ENTRA_URL}/${config.TEAMS_TENANT_ID}/oauth2/v2.0/token`,
          ...{ clientId: config.TEAMS_CLIENT_ID ?? "", clientSecret: config.TEAMS_CLIENT_SECRET ?? "" },
          ...{ senderId: config.TEAMS_SENDER_ID ?? "", refreshToken: config.TEAMS_REFRESH_TOKEN ?? "" },
        }
      : null,
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc8314#section-7.3 for the ports */
function serverIn(text: string) {
  const { protocol, hostname, port, username, password } = new URL(text);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const here = ["localhost", "127.0.0.1", "::1"].includes(host);
  const security = protocol === "smtps:" ? ("tls" as const) : here ? ("none" as const) : ("starttls" as const);
  const auth = username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : null;
  return { host, port: Number(port || (security === "tls" ? 465 : 587)), security, auth };
}

/** As which host we greet: an address is written as a literal. @see RFC 5321, section 4.1.3 */
function nameOf({ SMTP_NAME, PUBLIC_URL }: Pick<Config, "SMTP_NAME" | "PUBLIC_URL">): { name?: string } {
  if (SMTP_NAME !== undefined) return { name: SMTP_NAME };
  if (PUBLIC_URL === undefined) return {};
  const { hostname } = new URL(PUBLIC_URL);
  if (hostname.startsWith("[")) return { name: `[IPv6:${hostname.slice(1)}` };
  return { name: isIP(hostname) ? `[${hostname}]` : hostname };
}
