import { execFileSync } from "node:child_process";
import { couriersOf } from "@dais/adapters/couriers";
import { describe, expect, test } from "vitest";

const now = () => new Date();
const twilio = { accountSid: `AC${"0".repeat(32)}`, authTokens: ["t"], whatsapp: "+97145550001", sms: "+97145550002" };
const resend = {
  ...{ apiKey: "re_1", from: "dais@example.org", replyTo: null },
  webhookSecrets: [`whsec_${Buffer.alloc(24).toString("base64")}`],
};
const smtp = {
  ...{ host: "mail.example.org", port: 587, security: "starttls" as const, auth: null },
  ...{ from: "dais@example.org", replyTo: null },
};
const teams = {
  ...{ graphUrl: "https://graph.microsoft.com", tokenUrl: "https://login.microsoftonline.com/x/oauth2/v2.0/token" },
  ...{ clientId: "c", clientSecret: "s", senderId: crypto.randomUUID(), refreshToken: "r" },
};
const nobody = { twilio: null, resend: null, smtp: null, teams: null, now };

describe("couriersOf", () => {
  test("has one for each channel that is set up, and who reads what they say", async () => {
    const { couriers, readers } = couriersOf({ ...nobody, twilio, resend, teams });
    expect(couriers.map(({ channel, vendor }) => [channel, vendor])).toEqual([
      ["whatsapp", "twilio"],
      ["sms", "twilio"],
      ["email", "resend"],
      ["teams", "teams"],
    ]);
    expect(readers.map(({ vendor }) => vendor)).toEqual(["twilio", "resend"]);
    await Promise.all(couriers.map((courier) => courier.close()));
  });

  test("has nobody where nobody is set up", () => {
    expect(couriersOf(nobody)).toEqual({ couriers: [], readers: [] });
  });

  test("mail goes by one of the two", () => {
    expect(couriersOf({ ...nobody, smtp }).couriers).toMatchObject([
      { channel: "email", vendor: "smtp", honoursKeys: false },
    ]);
    expect(() => couriersOf({ ...nobody, resend, smtp })).toThrow("one of them");
  });

  test("loads no vendor's SDK before there is a message", () => {
    const settings = JSON.stringify({ ...nobody, twilio, resend, teams });
    const script = `
      import { registerHooks } from "node:module";
      const asked = [];
      registerHooks({ resolve: (name, context, next) => (asked.push(name), next(name, context)) });
      const { couriersOf } = await import("@dais/adapters/couriers");
      couriersOf({ ...${settings}, now: () => new Date() });
      couriersOf({ ...${JSON.stringify({ ...nobody, smtp })}, now: () => new Date() });
      console.log(JSON.stringify(asked));
    `;
    const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
    const asked = JSON.parse(said) as string[];
    expect(asked).toContain("@dais/adapters/couriers");
    expect(asked.filter((name) => /^(twilio|resend|nodemailer)(\/|$)/.test(name))).toEqual([]);
  });
});
