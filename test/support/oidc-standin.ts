import { randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type BeginOptions, type OidcClient, type OidcSettings, oidcClient, type SignedIn } from "@dais/adapters/oidc";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";

/** `hang`: never answers. A text or bytes go out as they are, anything else as JSON. */
export type Reply = { status?: number; headers?: Record<string, string>; body?: unknown; hang?: true };
export type Call = { method: string; path: string; url: URL; headers: IncomingHttpHeaders; form: URLSearchParams };

const open = new Set<() => Promise<void>>();

/** Stops all that a file has started; for `afterEach`. */
export async function closeStandins(): Promise<void> {
  await Promise.all([...open].map((close) => close()));
  open.clear();
}

/** An HTTP server that answers as it is told, and remembers what it was asked. */
export async function httpStandin(answer: (call: Call) => Reply) {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const asked = new URL(request.url as string, url);
    const { method = "", headers } = request;
    const call = { method, path: asked.pathname, url: asked, headers, form: new URLSearchParams(body) };
    calls.push(call);
    const reply = answer(call);
    if (reply.hang) return;
    const raw = typeof reply.body === "string" || reply.body instanceof Uint8Array;
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    response.end(raw ? reply.body : JSON.stringify(reply.body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  open.add(close);
  return { url, calls, close };
}

export type SigningKey = { kid: string; alg: string; privateKey: CryptoKey; jwk: JWK };

/** A fresh pair, its public half with the kid and alg that a JWKS would say. */
export async function signingKey(alg = "RS256", kid = `${alg}-${randomBytes(4).toString("hex")}`): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

// Making an RSA key takes its time; one for each file is enough, as nobody changes it.
const usualKey = await signingKey();

export const tid = "8f3c1f6e-2f0b-4f5e-9a54-6f7d9c0b1a22";
export const otherTid = "1d2e3f40-5a6b-4c7d-8e9f-a0b1c2d3e4f5";
export const oid = "0a1b2c3d-4e5f-4607-8899-aabbccddeeff";
export const start = new Date("2026-11-20T08:00:00Z");

type Lies = {
  /** Over what an honest token says; undefined takes a claim away. */
  claims?: JWTPayload;
  header?: Record<string, unknown>;
  key?: SigningKey;
  /** A token made elsewhere, in the place of an honest one. */
  idToken?: unknown;
  /** Over what an honest token endpoint answers. */
  tokens?: Record<string, unknown>;
  /** Over what the browser brings back. */
  callback?: Record<string, string>;
};

type Says = {
  /** Signs what it says. */
  key: SigningKey;
  /** The documents as they are now. */
  keys: unknown[];
  metadata: Record<string, unknown>;
  /** Answers in the place of an honest one. */
  reply: Partial<Record<"discovery" | "keys" | "token", (call: Call) => Reply>>;
};

/**
 * An issuer that says whatever a test wants it to. `path` is what follows the host in its name: like Entra ID's unless said otherwise.
 */
export async function oidcStandin({ path = `/${tid}/v2.0` }: { path?: string } = {}) {
  const says: Says = { key: usualKey, keys: [usualKey.jwk], metadata: {}, reply: {} };
  const here = await httpStandin((call) => {
    if (call.path.endsWith("/.well-known/openid-configuration"))
      return says.reply.discovery?.(call) ?? { body: says.metadata };
    if (call.path === "/keys") return says.reply.keys?.(call) ?? { body: { keys: says.keys } };
    if (call.path === "/token" && says.reply.token) return says.reply.token(call);
    return { status: 404, body: {} };
  });
  const { url } = here;
  const issuer = `${url}${path}`;
  const clock = { now: start };
  const logged: { level: string; fields: object; message: string }[] = [];
  const log = (level: string) => (fields: object, message: string) => void logged.push({ level, fields, message });

  says.metadata = {
    issuer,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    end_session_endpoint: `${url}/logout`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic", "private_key_jwt"],
  };

  function idToken({ claims = {}, header = {}, key = says.key }: Lies = {}): Promise<string> {
    const time = Math.floor(clock.now.getTime() / 1000);
    const honest = { iss: issuer, aud: "dais", sub: "pairwise-1", tid, oid, iat: time, nbf: time, exp: time + 3600 };
    return new SignJWT({ ...honest, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: "JWT", ...header })
      .sign(key.privateKey, { crit: { x: true } });
  }

  /** Makes the token endpoint answer with a token that holds `nonce`, and with what the test wants in it. */
  async function answers(lies: Lies, nonce?: string): Promise<void> {
    const claims = { ...(nonce === undefined ? {} : { nonce }), ...lies.claims };
    const id_token = "idToken" in lies ? lies.idToken : await idToken({ ...lies, claims });
    const honest = { token_type: "Bearer", access_token: "access-1", expires_in: 3600, refresh_token: "refresh-1" };
    says.reply.token = () => ({ body: { ...honest, id_token, ...lies.tokens } });
  }

  /** A whole sign-in, as a browser walks through it. */
  async function signIn(client: OidcClient, lies: Lies = {}, options: BeginOptions = {}): Promise<SignedIn> {
    const { state, nonce, verifier } = await client.begin(options);
    await answers(lies, nonce);
    const callback = new URLSearchParams({ code: "code-1", state, ...lies.callback });
    return client.finish(callback, { state, nonce, verifier });
  }

  return Object.assign(says, {
    ...here,
    issuer,
    clock,
    logged,
    idToken,
    answers,
    signIn,
    /** How often it was asked for this path. */
    asked: (path: string) => here.calls.filter((call) => call.path.endsWith(path)).length,
    later: (seconds: number) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1000);
    },

    client: (settings: Partial<OidcSettings> = {}): OidcClient =>
      oidcClient({
        issuer,
        clientId: "dais",
        credential: { secret: "a secret: 100% ours" },
        redirectUri: "https://dais.example/auth/callback",
        allowedTid: () => true,
        now: () => clock.now,
        random: (bytes) => randomBytes(bytes),
        log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
        ...settings,
      }),
  });
}

/** What a promise is refused with. */
export const thrownBy = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error("Nothing was refused.")),
    (thrown) => thrown,
  );
export const refused = (reason: string) => ({ name: "SignInRefused", reason });
export const away = (reason: string) => ({ name: "IssuerAway", reason });

export type OidcStandin = Awaited<ReturnType<typeof oidcStandin>>;

export const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";

/** What an honest issuer says behind the browser's back, good for two minutes. */
export function logoutToken(standin: OidcStandin, claims: JWTPayload = {}, more: object = {}): Promise<string> {
  const own = {
    tid: undefined,
    oid: undefined,
    sid: "session-1",
    jti: "jti-1",
    events: { [logoutEvent]: {} },
    exp: Math.floor(start.getTime() / 1000) + 120,
  };
  return standin.idToken({ header: { typ: "logout+jwt" }, ...more, claims: { ...own, ...claims } });
}
