import type { Socket } from "node:net";
import { type SmtpSettings, smtpCourier } from "@dais/adapters/smtp";
import type { Courier } from "@dais/kernel/couriers/port";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, describe, expect, test } from "vitest";
import { localCertificate } from "./support/certificate.ts";
import { closedPort, givenUp, leadingTo, messageTo, never, rawServer } from "./support/couriers.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const { key, cert } = localCertificate();
const to = "minister@example.org";
const refusal = (responseCode: number) => Object.assign(new Error("No."), { responseCode });

type Mail = { from: string; to: string[]; text: string; secure: boolean; user: string | null };

/** A server as operators run one, by a library that isn't ours. */
async function mailServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    ...{ key, cert, authOptional: true, disabledCommands: [], logger: false, closeTimeout: 100 },
    onConnect: (_session, done) => {
      connections += 1;
      done();
    },
    onAuth: ({ username, password }, _session, done) =>
      password === "right" ? done(null, { user: username }) : done(refusal(535)),
    onData(stream, { envelope, secure, user }, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        const sentTo = envelope.rcptTo.map(({ address }) => address);
        const text = Buffer.concat(parts).toString("utf8");
        mails.push({ from, to: sentTo, text, secure, user: user === undefined ? null : String(user) });
        done(null, "Taken");
      });
    },
    ...options,
  });
  server.on("error", () => {});
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  open.push({ close: () => new Promise<void>((done) => server.close(() => done())) });
  const address = server.server.address();
  return { mails, port: typeof address === "object" && address ? address.port : 0, connections: () => connections };
}

function courierAt(port: number, of: Partial<SmtpSettings> = {}): Courier {
  const courier = smtpCourier({
    ...{ host: "127.0.0.1", port, security: "starttls", auth: null, ca: cert },
    ...{ from: "Dais <dais@example.org>", replyTo: "office@example.org" },
    ...of,
  });
  open.push(courier);
  return courier;
}
const headersOf = (text: string) => text.slice(0, text.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");

/** A server that speaks the least of SMTP, and then does what it is told. */
async function scripted(does: (verb: string, socket: Socket) => boolean) {
  const server = await rawServer((socket) => {
    let data = false;
    let rest = "";
    socket.write("220 here\r\n");
    socket.on("data", (part) => {
      rest += part.toString("latin1");
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        const verb = data ? (line === "." ? "." : "") : (line.split(/[ :]/)[0] ?? "").toUpperCase();
        if (verb === "" || does(verb, socket)) continue;
        if (verb === "DATA") data = true;
        if (verb === ".") data = false;
        socket.write(verb === "DATA" ? "354 go on\r\n" : "250 yes\r\n");
      }
    });
  });
  open.push(server);
  return server.port;
}
const plain = { security: "none" as const };

describe("smtp.send", () => {
  test.each(["starttls", "tls"] as const)(
    "by %s, signed in: text, HTML, files, and an id of the attempt's",
    async (security) => {
      const server = await mailServer({ secure: security === "tls" });
      const courier = courierAt(server.port, { security, auth: { user: "dais", pass: "right" } });
      const attachments = [{ name: "إيجاز.pdf", contentType: "application/pdf", bytes: Buffer.from("%PDF-1.7 x") }];
      const message = messageTo(to, {
        subject: "إيجاز الصباح",
        language: "ar",
        html: "<p dir=rtl>صباح</p>",
        attachments,
      });
      expect(await courier.send(message, never)).toEqual({
        ...{ kind: "accepted", vendorId: `<${message.key}@example.org>`, status: "sent" },
      });
      const [mail] = server.mails;
      expect(mail).toMatchObject({ from: "dais@example.org", to: [to], secure: true, user: "dais" });
      const headers = headersOf(mail?.text ?? "");
      expect(headers).toContain(`Message-ID: <${message.key}@example.org>`);
      expect(headers).toContain("Reply-To: office@example.org");
      expect(headers).toContain("Content-Language: ar");
      expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
      expect(headers).toMatch(/^Subject: =\?UTF-8\?/m);
      for (const type of ["text/plain", "text/html", "application/pdf"]) expect(mail?.text).toContain(type);
    },
  );

  test("greets by the name that it was given", async () => {
    const greeted: string[] = [];
    const server = await mailServer({
      onMailFrom: (_address, session, done) => {
        greeted.push(session.hostNameAppearsAs);
        done();
      },
    });
    for (const name of ["dais.example.org", "[192.0.2.7]"])
      expect(await courierAt(server.port, { name }).send(messageTo(to), never)).toMatchObject({ kind: "accepted" });
    expect(greeted).toEqual(["dais.example.org", "[192.0.2.7]"]);
  });

  test("several over one connection", async () => {
    const server = await mailServer();
    const courier = courierAt(server.port, { connections: 1 });
    for (let sent = 0; sent < 3; sent += 1)
      expect(await courier.send(messageTo(to), never)).toMatchObject({ kind: "accepted" });
    expect([server.mails.length, server.connections()]).toEqual([3, 1]);
  });

  test.each([
    "Noon\r\nBcc: spy@evil.example",
    "Noon\nBcc: spy@evil.example\n\nbody",
    "Noon\0\u2028Bcc: spy@evil.example",
  ])("the subject %j can't be more than a subject", async (subject) => {
    const server = await mailServer();
    await courierAt(server.port).send(messageTo(to, { subject }), never);
    expect(server.mails[0]?.to).toEqual([to]);
    expect(headersOf(server.mails[0]?.text ?? "")).toMatch(/^Subject: Noon Bcc: spy@evil.example( body)?$/m);
    expect(headersOf(server.mails[0]?.text ?? "")).not.toMatch(/^Bcc:/m);
  });

  test("a file's name and type can't be more either", async () => {
    const server = await mailServer();
    const attachments = [{ name: 'a"\r\nX-Evil: 1', contentType: "text/plain\r\nX-Evil: 2", bytes: Buffer.from("x") }];
    await courierAt(server.port).send(messageTo(to, { attachments }), never);
    expect(server.mails[0]?.text).not.toMatch(/^X-Evil/m);
  });

  test.each(["", "a@b@c", "a@c.d>\r\nRCPT TO:<e@f.g", "A <a@c.d>", "a@c.d,e@f.g"])("%j is no address", async (bad) => {
    const server = await mailServer();
    expect(await courierAt(server.port).send(messageTo(bad), never)).toMatchObject(
      leadingTo("fallback", { kind: "refused", code: "invalid_recipient" }),
    );
    expect(server.connections()).toBe(0);
  });

  test("more than 40 MB, and more than the server says it takes", async () => {
    const server = await mailServer({
      size: 1000,
      onData: (stream, _session, done) =>
        void stream.resume().on("end", () => done(stream.sizeExceeded ? refusal(552) : null)),
    });
    const large = (size: number) => [
      { name: "a.bin", contentType: "application/octet-stream", bytes: new Uint8Array(size) },
    ];
    const courier = courierAt(server.port);
    const tooLarge = (code: string) => leadingTo("fallback", { kind: "refused", code });
    expect(await courier.send(messageTo(to, { attachments: large(32 * 1024 * 1024) }), never)).toMatchObject(
      tooLarge("too_large"),
    );
    expect(server.connections()).toBe(0);
    expect(await courier.send(messageTo(to, { attachments: large(5000) }), never)).toMatchObject(tooLarge("smtp_552"));
    expect(await courier.send(messageTo(to, { text: "Short." }), never)).toMatchObject({ kind: "accepted" });
  });

  test.each([
    [421, "retry"],
    [450, "retry"],
    [451, "retry"],
    [452, "retry"],
    [550, "fallback"],
    [553, "fallback"],
    [554, "fallback"],
  ] as const)("%i for a recipient: %s", async (code, then) => {
    const server = await mailServer({ onRcptTo: (_address, _session, done) => done(refusal(code)) });
    expect(await courierAt(server.port).send(messageTo(to), never)).toEqual(
      leadingTo(then, {
        ...{ kind: "refused", code: `smtp_${code}`, retryAfterMs: null },
        // The rest is about this recipient alone: a server that wants to see us twice, or a full mailbox.
        ...(code === 421 && { limited: true }),
      }),
    );
  });

  test.each([
    [451, "retry"],
    [554, "fallback"],
  ] as const)("%i for the whole message: %s, for the server has said so", async (code, then) => {
    const server = await mailServer({
      onData: (stream, _session, done) => void stream.resume().on("end", () => done(refusal(code))),
    });
    expect(await courierAt(server.port).send(messageTo(to), never)).toMatchObject(
      leadingTo(then, { kind: "refused", code: `smtp_${code}` }),
    );
  });

  test.each([421, 450, 451, 454] as const)("%i before a recipient was named: too much at once", async (code) => {
    const server = await mailServer({ onMailFrom: (_address, _session, done) => done(refusal(code)) });
    expect(await courierAt(server.port).send(messageTo(to), never)).toMatchObject({
      code: `smtp_${code}`,
      limited: true,
    });
  });

  test("a wrong password", async () => {
    const server = await mailServer();
    const courier = courierAt(server.port, { auth: { user: "dais", pass: "wrong" } });
    expect(await courier.send(messageTo(to), never)).toMatchObject(leadingTo("fallback", { code: "smtp_535" }));
  });
});

describe("smtp.send without TLS", () => {
  test("a server that has no STARTTLS, or a certificate that nobody trusts, is not told anything", async () => {
    const bare = await mailServer({ disabledCommands: ["STARTTLS"] });
    expect(await courierAt(bare.port).send(messageTo(to), never)).toMatchObject({ kind: "refused" });
    const other = await mailServer();
    expect(await courierAt(other.port, { ca: localCertificate().cert }).send(messageTo(to), never)).toMatchObject(
      leadingTo("retry", { kind: "refused", code: "certificate_refused" }),
    );
    expect([...bare.mails, ...other.mails]).toEqual([]);
  });

  test("goes to this machine itself, and nowhere else", async () => {
    const server = await mailServer({ disabledCommands: ["STARTTLS"] });
    expect(await courierAt(server.port, plain).send(messageTo(to), never)).toMatchObject({ kind: "accepted" });
    expect(() => courierAt(25, { ...plain, host: "mail.example.org" })).toThrow();
    expect(() => courierAt(25, { from: "nobody" })).toThrow();
    expect(() => courierAt(25, { from: "A <a@b.example>\r\nBcc: <c@d.example>" })).toThrow();
  });
});

describe("smtp.send, when something is lost", () => {
  test("nobody listens: nothing has left", async () => {
    const courier = courierAt(await closedPort(), plain);
    expect(await courier.send(messageTo(to), never)).toMatchObject(
      leadingTo("retry", { kind: "refused", code: "unreachable" }),
    );
  });

  test.each(["EHLO", "MAIL", "RCPT", "DATA"])("the line is cut at %s: nothing has left", async (at) => {
    const port = await scripted((verb, socket) => verb === at && Boolean(socket.destroy()));
    expect(await courierAt(port, plain).send(messageTo(to), never)).toMatchObject(
      leadingTo("retry", { kind: "refused" }),
    );
  });

  test("the line is cut when all was said: it may have been taken, and can't be asked for", async () => {
    let said = 0;
    const port = await scripted((verb, socket) => {
      if (verb === ".") said += 1;
      return verb === "." && Boolean(socket.destroy());
    });
    const courier = courierAt(port, plain);
    const message = messageTo(to);
    expect(await courier.send(message, never)).toEqual({ kind: "unknown", code: "unreachable" });
    expect(await courier.find(message, new Date(), never)).toEqual({ kind: "untold" });
    expect(said).toBe(1);
  });

  test("the server never says whether it took it", async () => {
    let said = 0;
    const port = await scripted((verb) => {
      if (verb === ".") said += 1;
      return verb === ".";
    });
    const courier = courierAt(port, plain);
    const send = (signal: AbortSignal) => courier.send(messageTo(to), signal);
    expect(await givenUp(() => said === 1, send)).toEqual({ kind: "unknown", code: "timed_out" });
    expect(said).toBe(1);
  });

  test("the server never greets: nothing has left when the time is over", async () => {
    const silent = await rawServer(() => {});
    open.push(silent);
    expect(await courierAt(silent.port, { ...plain, timeoutMs: 300 }).send(messageTo(to), never)).toMatchObject(
      leadingTo("retry", { kind: "refused", code: "timed_out" }),
    );
  });

  test("a caller who waits no longer", async () => {
    const courier = courierAt(await closedPort(), plain);
    expect(await courier.send(messageTo(to), AbortSignal.abort())).toMatchObject(
      leadingTo("retry", { kind: "refused" }),
    );
  });
});

describe("smtp.send, called off", () => {
  test("asked when the server wants the message, and not before: nothing of it is said, and the next one goes", async () => {
    const verbs: string[] = [];
    let body = "";
    const port = await scripted((verb, socket) => {
      if (verbs.length === 0) socket.on("data", (part) => (body += part.toString("latin1")));
      verbs.push(verb);
      return false;
    });
    const courier = courierAt(port, { ...plain, connections: 1 });
    const message = messageTo(to, { text: "Leave the pier." });
    let asked: string[] = [];
    const still = (answer: boolean) => async () => {
      asked = [...verbs];
      return answer;
    };
    expect(await courier.send(message, never, still(false))).toEqual({ kind: "unsent" });
    expect(asked).toEqual(["EHLO", "MAIL", "RCPT", "DATA"]);
    expect([verbs.includes("."), body.includes("Leave the pier.")]).toEqual([false, false]);
    expect(await courier.send(message, never, still(true))).toMatchObject({ kind: "accepted" });
    expect(verbs.filter((verb) => verb === ".")).toHaveLength(1);
  });

  test("a server as operators run one delivers nothing of it", async () => {
    const server = await mailServer();
    const courier = courierAt(server.port);
    expect(await courier.send(messageTo(to), never, async () => false)).toEqual({ kind: "unsent" });
    expect(await courier.send(messageTo(to), never, async () => true)).toMatchObject({ kind: "accepted" });
    expect(server.mails).toHaveLength(1);
  });

  test("who waits no longer while it is asked has sent nothing", async () => {
    const server = await mailServer();
    const over = new AbortController();
    const courier = courierAt(server.port);
    const still = async () => {
      over.abort();
      return true;
    };
    expect(await courier.send(messageTo(to), over.signal, still)).toMatchObject(
      leadingTo("retry", { kind: "refused", code: "timed_out" }),
    );
    expect(await courier.send(messageTo(to), never)).toMatchObject({ kind: "accepted" });
    expect(server.mails).toHaveLength(1);
  });
});
