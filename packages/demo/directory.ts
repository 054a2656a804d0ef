import { personas } from "./personas.ts";

/** The directories whose sign-ins the demo's organisations take. The second one's people are not among the personas. */
export const tids = {
  rimal: "d0a15000-0000-4000-8000-0000000000d1",
  falak: "d0a15000-0000-4000-8000-0000000000d2",
};

/** The first organisation's directory, with its people as an identity provider knows them. */
export const directory = {
  tid: tids.rimal,
  name: "Rimal Holding",
  people: personas.map(({ oid, name, role, email, roles }) => ({
    ...{ oid, name: name.en, nameArabic: name.ar, title: role.en },
    ...{ preferredUsername: email, email, roles, groups: [] },
  })),
};
