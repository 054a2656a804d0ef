import { makeProvider } from "./provider.ts";
import { enteredClients, tell } from "./sign-out.ts";
import type { Issuer } from "./types.ts";
import type { Directory, World } from "./world.ts";

type Controls = Omit<Issuer, "url" | "graphUrl" | "stop" | "pause" | "resume">;

/** What a demonstration or test may do to the issuer while it runs. */
export function controlsOf(world: World, directories: readonly Directory[]): Controls {
  const homeOf = (oid: string): Directory => {
    const home = directories.find(({ people }) => people.has(oid));
    if (!home) throw new Error(`No directory has a person ${oid}.`);
    return home;
  };
  return {
    issuerOf: (tid) => `${world.url}/${tid}/v2.0`,
    async rotateKeys({ keepOldSeconds = 600 } = {}) {
      await world.keys.rotate(keepOldSeconds);
      for (const directory of directories) directory.provider = makeProvider(world, directory);
    },
    setPerson(oid, change) {
      const { people } = homeOf(oid);
      const person = people.get(oid);
      if (person) people.set(oid, { ...person, ...change, oid });
    },
    async endSessions(oid) {
      const directory = homeOf(oid);
      const sessions = directory.store.sessionsOf(oid);
      directory.store.forget(oid);
      for (const { authorizations } of sessions) {
        await tell(world, directory, oid, enteredClients(world, authorizations));
      }
      return sessions.length;
    },
    codeOf(oid) {
      homeOf(oid);
      return world.authenticator.codeOf(oid);
    },
    sign: (claims, header) => world.keys.sign(claims, header),
    tamper(change) {
      world.tamper = change;
    },
  };
}
