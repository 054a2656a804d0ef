import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { makeAuthenticator } from "./authenticator.ts";
import { controlsOf } from "./controls.ts";
import { doorOf } from "./door.ts";
import { makeKeyRing } from "./keys.ts";
import { makeProvider } from "./provider.ts";
import { makeStore } from "./store.ts";
import type { Issuer, IssuerOptions, IssuerTenant } from "./types.ts";
import type { Directory, World } from "./world.ts";

export type { Tokens } from "./tokens.ts";
export type { Issuer, IssuerApi, IssuerClient, IssuerOptions, IssuerPerson, IssuerTenant } from "./types.ts";

/**
 * An identity provider of our own for demonstrations and tests, which imitates Microsoft Entra ID v2.0: addresses, claims,
 * pages, logout, groups in Graph, tokens for programs. Whoever opens its page enters as anybody.
 *
 * @throws Error in production, and where the port is taken
 */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  if (options.nodeEnv === "production") {
    throw new Error(
      "The embedded identity provider lets everybody in as anybody: it does not start where NODE_ENV is production.",
    );
  }
  const { host = "127.0.0.1", port = 0, tls, now = () => new Date() } = options;
  const keys = await makeKeyRing(now);
  const server = tls ? createSecureServer(tls) : createServer();
  const url = `${tls ? "https" : "http"}://${host}:${await listen(server, port, host)}`;
  const world = worldOf(options, { url, keys, now });
  const directories = options.tenants.map((tenant) => directoryOf(world, tenant));
  const door = doorOf(world, directories);
  server.on("request", door.serve);

  return {
    ...controlsOf(world, directories),
    url,
    graphUrl: world.graphUrl,
    pause: door.pause,
    resume: door.resume,
    stop: () => stop(server),
  };
}

function worldOf(
  { clients, apis = [], accessTokenSeconds = 3600 }: IssuerOptions,
  { url, keys, now }: Pick<World, "url" | "keys"> & { now: () => Date },
): World {
  return {
    url,
    graphUrl: `${url}/graph`,
    keys,
    authenticator: makeAuthenticator(now),
    clients: new Map(clients.map((client) => [client.clientId, client])),
    apis,
    accessTokenSeconds,
    tamper: null,
  };
}

function directoryOf(world: World, { tid, name, people }: IssuerTenant): Directory {
  const directory = {
    tid,
    name,
    issuer: `${world.url}/${tid}/v2.0`,
    people: new Map(people.map((person) => [person.oid, person])),
    store: makeStore(),
    between: new Map(),
    cookieKey: randomBytes(32).toString("base64url"),
  };
  // The provider finds the people through the directory, and is found through it.
  const whole = directory as typeof directory & Pick<Directory, "provider">;
  whole.provider = makeProvider(world, whole);
  return whole;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
