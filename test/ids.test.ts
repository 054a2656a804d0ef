import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("a public id", () => {
  /** From the specification's valid.json. @see https://github.com/jetify-com/typeid/tree/main/spec */
  test.each([
    ["00000000-0000-0000-0000-000000000000", "sig_00000000000000000000000000"],
    ["00000000-0000-0000-0000-000000000001", "sig_00000000000000000000000001"],
    ["00000000-0000-0000-0000-000000000020", "sig_00000000000000000000000010"],
    ["ffffffff-ffff-ffff-ffff-ffffffffffff", "sig_7zzzzzzzzzzzzzzzzzzzzzzzzz"],
    ["0110c853-1d09-52d8-d73e-1194e95b5f19", "sig_0123456789abcdefghjkmnpqrs"],
    ["01890a5d-ac96-774b-bcce-b302099a8057", "sig_01h455vb4pex5vsknk084sn02q"],
  ])("of %s is %s, and back", (uuid, id) => {
    expect(idOf("sig", uuid)).toBe(id);
    expect(uuidOf(id)).toBe(uuid);
  });

  test("leads back to every uuid", () => {
    fc.assert(fc.property(fc.uuid(), (uuid) => uuidOf(idOf("ent", uuid)) === uuid));
  });
});
