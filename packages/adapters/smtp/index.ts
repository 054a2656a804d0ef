import { Readable } from "node:stream";
import type { Courier, Handed } from "@dais/kernel/couriers/port";
import type { NodemailerError, SMTPPoolOptions, SMTPPoolSentMessageInfo, Transporter } from "nodemailer";
import { limited, refused } from "../outgoing/handed.ts";
import { mailOf } from "./message.ts";
import { checkedSettings, type SmtpSettings } from "./settings.ts";

export type { SmtpSettings } from "./settings.ts";

type Transport = Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;
/** Of our own, beside what nodemailer knows of a message. */
type Leaving = { leaving?: () => Promise<void> };

/**
 * Mail by a server of the operators' own. It can't be asked afterwards what it has taken, and it says nothing of what becomes of it.
 * @see RFC 5321
 * @throws Error where the settings can't be used
 */
export function smtpCourier(settings: SmtpSettings): Courier {
  const known = checkedSettings(settings);
  const { timeoutMs = 30_000, connections = 4 } = settings;
  let opened: Promise<Transport> | null = null;
  const transport = () => {
    opened ??= open({ ...settings, connections });
    return opened;
  };

  return {
    channel: "email",
    vendor: "smtp",
    honoursKeys: false,
    atOnce: connections,
    async send(message, callers, still) {
      const asked = mailOf(known, message);
      if (asked.kind === "refused") return asked;
      const signal = AbortSignal.any([callers, AbortSignal.timeout(timeoutMs)]);
      let left = false;
      let off = false;
      const leaving = async () => {
        off = still !== undefined && !(await still());
        if (off) throw new Error("called off");
        signal.throwIfAborted();
        left = true;
      };
      try {
        const { messageId } = await (await transport()).sendMail({
          ...asked.mail,
          signal,
          leaving,
        } as typeof asked.mail);
        return { kind: "accepted", vendorId: messageId, status: "sent" };
      } catch (error) {
        if (off) return { kind: "unsent" };
        return notTaken(error as NodemailerError, left);
      }
    },
    find: async () => ({ kind: "untold" }),
    async close() {
      (await opened)?.close();
    },
  };
}

async function open({ host, port, security, name, auth, ca, connections }: SmtpSettings): Promise<Transport> {
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    pool: true,
    ...{ host, port, maxConnections: connections },
    // Whether anything is said twice is not the pool's to decide.
    maxRequeues: 0,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(name !== undefined && { name }),
    tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    ...(auth && { auth }),
    ...{ connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 },
  });
  // The message is read when the server has asked for it, and not before: that is the moment from which it may be taken. Where it is called off then, the
  // line is cut, by which the server forgets what it was told (RFC 5321, section 4.1.1.10).
  transport.use("stream", (mail, done) => {
    mail.message.processFunc((input) => lazily(input, (mail.data as Leaving).leaving));
    done();
  });
  return transport;
}

const lazily = (input: NodeJS.ReadableStream, leaving: (() => Promise<void>) | undefined): Readable =>
  Readable.from(
    (async function* () {
      await leaving?.();
      yield* input;
    })(),
    { objectMode: false },
  );

/** What the server's last word means; and where it said none, whether the message was on its way. @see RFC 5321, section 4.2.1 */
function notTaken({ code, originalCode, responseCode, command }: NodemailerError, left: boolean): Handed {
  if (responseCode && isLimit(responseCode, command)) return limited(`smtp_${responseCode}`);
  if (responseCode) return refused(`smtp_${responseCode}`, responseCode < 500 ? "retry" : "fallback");
  if (left) return { kind: "unknown", code: code === "EABORT" || code === "ETIMEDOUT" ? "timed_out" : "unreachable" };
  // Refused by the library before the server was asked: a recipient that is none, or more than the server says it takes.
  if (code === "EENVELOPE") return refused("invalid_recipient");
  if (code === "EMESSAGE") return refused("too_large");
  if (code === "ETLS" || /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(originalCode ?? ""))
    return refused("certificate_refused", "retry");
  return refused(code === "EABORT" || code === "ETIMEDOUT" ? "timed_out" : "unreachable", "retry");
}

/** "Come back later": of the server as a whole. Said of one recipient it is about their mailbox, or about a server that wants to see us twice (RFC 6647). */
const isLimit = (responseCode: number, command: string | undefined): boolean =>
  responseCode === 421 || ([432, 450, 451, 452, 454].includes(responseCode) && command !== "RCPT TO");
