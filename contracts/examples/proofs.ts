/** A log of two entries, with real keys: `npm run verify` takes the bundle. */

export const exampleEntryId = "aud_01kejc8ht0e6ssypg6m30swm9k";
export const exampleWitnessId = "wit_01kejc8ht0e6ssypg6m30swm9w";

export const exampleCheckpoint = {
  origin: "dais.example.org/audit/rimal",
  size: 2,
  root: "tonb84Rv06t2oytbqm7RkLTjmoZGKCLTbl/H8DX/fhs=",
  keyId: "afd86516",
  madeAt: "2026-01-06T04:10:00.412Z",
  cosignatures: [],
  note: "dais.example.org/audit/rimal\n2\ntonb84Rv06t2oytbqm7RkLTjmoZGKCLTbl/H8DX/fhs=\n\n— dais.example.org/audit/rimal r9hlFp4XnsEtOAQj0mOlhdsP5HILBF7qSyZBbeV2Ecaf/HXyX3sLmShaI6RigQpCDuxhTzl6cks68vBNGcoVEV2l5gk=\n",
};

export const exampleConsistency = {
  from: 1,
  to: 2,
  hashes: ["aAQCPKVsnLd2/W81A4g9O/xo0WA6avz4L8sgDSyEZCQ="],
};

export const exampleKey = {
  keyId: "afd86516",
  name: "dais.example.org/audit/rimal",
  vkey: "dais.example.org/audit/rimal+afd86516+AftxvhxfqVayiuqH2Cvv7CbZp13RkKJd+4pckRxJKR7I",
  fromAt: "2026-01-05T04:00:00.512Z",
  untilAt: null,
  lostAt: null,
};

export const exampleWitness = {
  id: "wit_01kejc8ht0e6ssypg6m30swm9w",
  name: "witness.example.net/w1",
  keyId: "d4b3c1cc",
  vkey: "witness.example.net/w1+d4b3c1cc+BKw1g5nPW+/5QHhZryxcegFtAONxBP8a1Zg5DUF4bvLn",
  addedBy: "per_01kejc8ht0e6ssypg6m30swmp6",
  addedAt: "2026-01-06T04:00:00.000Z",
  removedAt: null,
};

export const exampleCosignature = {
  line: "— witness.example.net/w1 1LPBzAAAAABpXIskeNrzNphc+k183fQIZZAVvPGtNT1CEshHEaMVTLtFNLiyMfhc8LqNV84a4qhwJ1rJ4s7sHZZMMHTolqYfyQLsCQ==",
  checkpoint: {
    origin: "dais.example.org/audit/rimal",
    size: 2,
    root: "tonb84Rv06t2oytbqm7RkLTjmoZGKCLTbl/H8DX/fhs=",
    keyId: "afd86516",
    madeAt: "2026-01-06T04:10:00.412Z",
    cosignatures: [
      {
        witness: "witness.example.net/w1",
        keyId: "d4b3c1cc",
        at: "2026-01-06T04:10:12.000Z",
      },
    ],
    note: "dais.example.org/audit/rimal\n2\ntonb84Rv06t2oytbqm7RkLTjmoZGKCLTbl/H8DX/fhs=\n\n— dais.example.org/audit/rimal r9hlFp4XnsEtOAQj0mOlhdsP5HILBF7qSyZBbeV2Ecaf/HXyX3sLmShaI6RigQpCDuxhTzl6cks68vBNGcoVEV2l5gk=\n— witness.example.net/w1 1LPBzAAAAABpXIskeNrzNphc+k183fQIZZAVvPGtNT1CEshHEaMVTLtFNLiyMfhc8LqNV84a4qhwJ1rJ4s7sHZZMMHTolqYfyQLsCQ==\n",
  },
};

export const exampleBundle = {
  format: "dais-proof/1" as const,
  origin: "dais.example.org/audit/rimal",
  index: 1,
  entry: {
    facts: {
      id: "019ba4c4-4740-71b3-9f5a-06a0c19e5133",
      tenantId: "019ba4c4-4740-71b3-9f5a-06a0c19e512a",
      at: "2026-01-06T04:10:00.000Z",
      outcome: "done" as const,
      actorKind: "user",
      actorId: "per_01kejc8ht0e6ssypg6m30swmp2",
      onBehalfOf: null,
      persons: ["per_01kejc8ht0e6ssypg6m30swmp2"],
      agentModel: null,
      agentVersion: null,
      operation: "signals.acknowledge",
      action: "signal.acknowledge",
      resourceType: "signal",
      resourceId: "019ba4c4-4740-71b3-9f5a-06a0c19e5130",
      resourceVersion: 2,
      classification: "internal",
      event: "acknowledge",
      fromState: "new",
      toState: "acknowledged",
      changed: true,
      problem: null,
      requestId: "0b6a2f0e-3a52-4a5e-9b1c-5f1d7f1f4a10",
    },
    factsSalt: "75415ed4fbc7328909f004c0c386bdd560d4ad6b489674992912d53a3bcc3e6f",
    content: {
      sessionId: "ses_01kejc8ht0e6ssypg6m30swm9b",
      address: "192.0.2.7",
      beforeDigest: "6db7d803e74f1ffa7d8f5adc0bf95b3e15bf4c8373fffadf546227cc6c6742cb",
      afterDigest: "f39592393ef0859cb196a52693d2cea00fb2df784b3c04ae54aa7cadb8e562f8",
      changes: {
        state: ["new", "acknowledged"],
      },
      reason: null,
      decision: {
        permission: "signal.acknowledge",
      },
      traceId: null,
      idempotencyKey: "8e03978e-40d5-43dd-bc93-6894a57f9324",
    },
    contentSalt: "32870adf0b16f52031e575f66e3a5a4a3d8124cb867b487853cb268e8bb62e17",
    contentCommitment: null,
  },
  proof:
    "c2sp.org/tlog-proof@v1\nindex 1\nqoU9HFGSUnjGjn6iZIeLcAsFgEsPKky1tQAGO+5Pl1I=\n\ndais.example.org/audit/rimal\n2\ntonb84Rv06t2oytbqm7RkLTjmoZGKCLTbl/H8DX/fhs=\n\n— dais.example.org/audit/rimal r9hlFp4XnsEtOAQj0mOlhdsP5HILBF7qSyZBbeV2Ecaf/HXyX3sLmShaI6RigQpCDuxhTzl6cks68vBNGcoVEV2l5gk=\n",
};
