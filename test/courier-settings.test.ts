import { readConfig } from "@dais/api/config";
import { courierSettings, couriersBy } from "@dais/api/courier-settings";
import { describe, expect, test } from "vitest";

const twilio = {
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  TWILIO_AUTH_TOKENS: "new, old",
  TWILIO_SMS_FROM: "+97141234567",
};
const mail = { MAIL_FROM: "Dais <dais@rimal.example>" };
const resend = { RESEND_API_KEY: "re_123", RESEND_WEBHOOK_SECRETS: "whsec_MTIz", ...mail };
const id = "00000000-0000-4000-8000-000000000001";
const teams = {
  ...{ TEAMS_TENANT_ID: id, TEAMS_CLIENT_ID: id, TEAMS_CLIENT_SECRET: "a secret", TEAMS_SENDER_ID: id },
  TEAMS_REFRESH_TOKEN: "a token",
};
const production = {
  ...{ NODE_ENV: "production", DATABASE_URL: "postgres://db/dais", PUBLIC_URL: "https://dais.example" },
  ...{ CURSOR_SECRET: "x".repeat(32), SEAL_KEYS: `k:${Buffer.alloc(32).toString("base64")}` },
};
const by = (env: Record<string, string>) => couriersBy(readConfig(env));
const settings = (env: Record<string, string>) => courierSettings(readConfig(env));
const wrong = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("who carries messages", () => {
  test("stand-ins where nobody is configured, and in production nobody: messages stay in the app", () => {
    expect([by({}), by(production), by({ DAIS_ROLE: "worker", REDIS_URL: "redis://x" })]).toEqual([
      "standin",
      "none",
      "none",
    ]);
  });

  test("vendors where one is configured, in production too; or whoever is said", () => {
    for (const one of [twilio, resend, { ...mail, SMTP_URL: "smtp://mail.example" }, teams]) {
      expect([by(one), by({ ...production, ...one })]).toEqual(["vendors", "vendors"]);
      expect(by({ ...one, DAIS_COURIERS: "standin" })).toBe("standin");
      expect(by({ ...production, ...one, DAIS_COURIERS: "none" })).toBe("none");
    }
  });

  test("vendors never beside the demo, whoever configured them; others may carry what it says", () => {
    for (const one of [twilio, resend, { ...mail, SMTP_URL: "smtp://mail.example" }, teams]) {
      for (const DAIS_COURIERS of ["", "vendors"])
        expect(wrong({ ...one, DAIS_COURIERS, DEMO: "true" })).toBe(
          "DEMO can't be true where vendors carry messages: leave DEMO out, or set DAIS_COURIERS to standin or none.",
        );
      for (const said of ["standin", "none"]) expect(wrong({ ...one, DAIS_COURIERS: said, DEMO: "true" })).toBe("");
      expect(wrong({ ...one, DEMO: "false" })).toBe("");
    }
  });

  test("stand-ins are refused at start in production, also beside vendors, and where another process sends", () => {
    expect(wrong({ ...production, DAIS_COURIERS: "standin" })).toMatch(/DAIS_COURIERS can't be standin in production/);
    expect(wrong({ ...production, ...twilio, DAIS_COURIERS: "standin" })).toMatch(/in production/);
    expect(wrong({ DAIS_COURIERS: "standin", DAIS_ROLE: "worker" })).toMatch(/only where DAIS_ROLE is all/);
  });
});

describe("settings of vendors", () => {
  test("are as the adapters take them", () => {
    expect(settings({ ...twilio, TWILIO_API_KEY_SID: "SK1", TWILIO_API_KEY_SECRET: "s" }).twilio).toEqual({
      ...{ accountSid: twilio.TWILIO_ACCOUNT_SID, authTokens: ["new", "old"], whatsapp: null, sms: "+97141234567" },
      apiKey: { sid: "SK1", secret: "s" },
    });
    expect(settings({ ...resend, RESEND_URL: "http://localhost:9" }).resend).toMatchObject({
      ...{ from: mail.MAIL_FROM, replyTo: null, webhookSecrets: ["whsec_MTIz"], baseUrl: "http://localhost:9" },
    });
    expect(settings({ ...teams, ENTRA_URL: "https://login.cloud.example" }).teams).toMatchObject({
      ...{ tokenUrl: `https://login.cloud.example/${id}/oauth2/v2.0/token`, graphUrl: "https://graph.microsoft.com" },
    });
    expect(settings({})).toEqual({ twilio: null, resend: null, smtp: null, teams: null });
  });

  test.each([
    ["smtps://a%40b:p%3A@mail.example", { port: 465, security: "tls", auth: { user: "a@b", pass: "p:" } }],
    ["smtp://mail.example:2525", { port: 2525, security: "starttls", auth: null }],
    ["smtp://[::1]:25", { host: "::1", port: 25, security: "none" }],
  ])("a mail server's: %s", (url, expected) => {
    expect(settings({ ...mail, SMTP_URL: url }).smtp).toMatchObject(expected);
  });

  test.each([
    [{ PUBLIC_URL: "https://dais.example:8443" }, "dais.example"],
    [{ PUBLIC_URL: "https://192.0.2.7" }, "[192.0.2.7]"],
    [{ PUBLIC_URL: "https://[2001:db8::7]" }, "[IPv6:2001:db8::7]"],
    [{ PUBLIC_URL: "https://dais.example", SMTP_NAME: "relay.rimal.example" }, "relay.rimal.example"],
    [{}, undefined],
  ])("as which host a mail server is greeted: %j", (env, name) => {
    expect(settings({ ...mail, ...env, SMTP_URL: "smtp://mail.example" }).smtp?.name).toBe(name);
  });

  test.each([
    [{ TWILIO_ACCOUNT_SID: twilio.TWILIO_ACCOUNT_SID }, "Twilio needs TWILIO_AUTH_TOKENS as well."],
    [{ ...twilio, TWILIO_SMS_FROM: "" }, "TWILIO_ACCOUNT_SID needs TWILIO_WHATSAPP_FROM, TWILIO_SMS_FROM or both."],
    [{ ...twilio, TWILIO_SMS_FROM: "0501234567" }, "TWILIO_SMS_FROM must be a number like +97141234567"],
    [{ ...twilio, TWILIO_API_KEY_SID: "SK1" }, "must be set together"],
    [{ RESEND_API_KEY: "re_123", ...mail }, "Resend needs RESEND_WEBHOOK_SECRETS as well."],
    [{ ...resend, MAIL_FROM: "" }, "MAIL_FROM must be set"],
    [{ ...resend, MAIL_FROM: "Dais <dais@x.example>\r\nBcc: y@z.example" }, "MAIL_FROM must be like"],
    [{ ...resend, SMTP_URL: "smtp://mail.example" }, "mail goes by one of them"],
    [{ ...mail, SMTP_URL: "http://mail.example" }, "SMTP_URL must be a URL like"],
    [{ ...mail, SMTP_URL: "smtp://mail.example", SMTP_NAME: "a b" }, "SMTP_NAME must be a host's name"],
    [{ ...teams, TEAMS_SENDER_ID: "" }, "Teams needs TEAMS_SENDER_ID as well."],
    [{ DAIS_COURIERS: "vendors" }, "none is configured"],
    [{ DAIS_COURIERS: "pigeons" }, "DAIS_COURIERS must be one of standin, vendors, none"],
  ])("%j: refused at start, without the value", (env, sentence) => {
    const message = wrong(env as Record<string, string>);
    expect(message).toContain(sentence);
    for (const secret of ["re_123", "Bcc", "a secret", "a token"]) expect(message).not.toContain(secret);
  });
});
