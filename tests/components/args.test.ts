/** Proves what each component is given: what is sealed for whom, what counts as in sync, and what the ledger would get. */
import assert from "node:assert/strict";

import { hostArgs, repositoryArgs } from "../../components/args.js";
import { assessmentOf, HOST, type Made, REPOSITORY, sealable, type World } from "../support/assessment.js";
import { openArmor } from "../support/identities.js";
import { healthyHost } from "../support/observation.js";
import { fingerprinter, printOf, samplePrint } from "../support/secrets.js";
import { sampleSettings } from "../support/settings.js";

const MONDAY = "2026-01-05T10:00:00Z";
const settings = sampleSettings();

function repository({ seen }: Made) {
  return repositoryArgs(seen, settings, "p24-infra");
}

function host({ seen }: Made) {
  const of = settings.hosts[HOST];
  assert.ok(of !== undefined);
  return hostArgs(seen, HOST, { ...of, prune: ["OLD"] });
}

function recorded(name: string, fingerprint = printOf("value")): NonNullable<World["ledger"]> {
  const entry = { fingerprint, keyId: fingerprinter.keyId, updatedAt: MONDAY };
  return { github: new Map([[REPOSITORY, new Map([[name, entry]])]]) };
}

describe("what a repository's component is given", () => {
  it("is each value of git in a box that only the repository opens", async () => {
    const { box, open } = await sealable();
    const observed = { seen: { secrets: new Map([["B", MONDAY]]), box } };
    const { secrets } = await repository(await assessmentOf({ github: { A: "value", B: "ü" }, repository: observed }));
    assert.deepEqual([...secrets.keys()], ["A", "B"]);
    const [a, b] = [secrets.get("A"), secrets.get("B")];
    assert.deepEqual([open(a?.valueEncrypted ?? ""), open(b?.valueEncrypted ?? "")], ["value", "ü"]);
    assert.deepEqual(
      { ...a, valueEncrypted: "" },
      {
        repository: "p24-infra",
        valueEncrypted: "",
        keyId: "568",
        inSync: false,
        entry: { repository: REPOSITORY, name: "A", fingerprint: printOf("value"), keyId: fingerprinter.keyId },
        previous: undefined,
        seenAt: undefined,
      },
    );
    assert.deepEqual([b?.seenAt, b?.previous], [MONDAY, undefined]);
  });

  it("is in sync exactly where the report says so", async () => {
    const { box } = await sealable();
    const repositorySeen = { seen: { secrets: new Map([["A", MONDAY]]), box } };
    for (const [fingerprint, inSync] of [
      [printOf("value"), true],
      [samplePrint("b"), false],
    ] as const) {
      const world = { github: { A: "value" }, repository: repositorySeen, ledger: recorded("A", fingerprint) };
      const { secrets } = await repository(await assessmentOf(world));
      const { inSync: given, previous } = secrets.get("A") ?? {};
      assert.equal(given, inSync);
      assert.deepEqual(previous, {
        repository: REPOSITORY,
        name: "A",
        fingerprint,
        keyId: fingerprinter.keyId,
        updatedAt: MONDAY,
      });
    }
  });

  it("is not sealed where nothing is written, unless the engine has nothing that could stay as it is", async () => {
    const { box, open } = await sealable();
    const repositorySeen = { seen: { secrets: new Map([["A", MONDAY]]), box } };
    for (const [held, sealed] of [
      [new Map([[REPOSITORY, new Set(["A"])]]), undefined],
      [new Map<string, Set<string>>(), "value"],
    ] as const) {
      const world = { github: { A: "value" }, repository: repositorySeen, ledger: { ...recorded("A"), held } };
      const { inSync, valueEncrypted = "" } = (await repository(await assessmentOf(world))).secrets.get("A") ?? {};
      assert.equal(inSync, true);
      if (sealed === undefined) {
        assert.equal(valueEncrypted, "(not sealed: nothing to write)");
      } else {
        assert.equal(open(valueEncrypted), sealed);
      }
    }
  });

  it("names what the engine holds and neither git nor the repository has", async () => {
    const { box } = await sealable();
    const held = new Map([[REPOSITORY, new Set(["GONE", "ORPHAN", "A"])]]);
    const there = { seen: { secrets: new Map([["ORPHAN", MONDAY]]), box } };
    const seen = await assessmentOf({ github: { A: "value" }, repository: there, ledger: { held } });
    assert.deepEqual((await repository(seen)).gone, { repository: REPOSITORY, names: ["GONE"] });
    const unseen = await assessmentOf({ github: { A: "value" }, ledger: { held } });
    assert.deepEqual((await repository(unseen)).gone, { repository: REPOSITORY, names: [] });
  });

  it("of an unreachable repository is only what the ledger knows, which is then left as it is", async () => {
    const { secrets } = await repository(await assessmentOf({ github: { A: "new", B: "v" }, ledger: recorded("A") }));
    assert.deepEqual([...secrets.keys()], ["A"]);
    const { inSync, valueEncrypted, keyId } = secrets.get("A") ?? {};
    assert.deepEqual([inSync, valueEncrypted, keyId], [true, "(not sealed: nothing to write)", ""]);
  });

  it("says nothing of secrets that git does not want, ours or not", async () => {
    const { box } = await sealable();
    const repositorySeen = {
      seen: {
        secrets: new Map([
          ["OURS", MONDAY],
          ["FOREIGN", MONDAY],
        ]),
        box,
      },
    };
    const { secrets } = await repository(await assessmentOf({ repository: repositorySeen, ledger: recorded("OURS") }));
    assert.equal(secrets.size, 0);
  });
});

describe("what a host's component is given", () => {
  it("is the whole file, sealed for the host, with names to prune", async () => {
    const made = await assessmentOf({ host: { A: "value", B: "two\nlines" }, observedHost: { seen: healthyHost() } });
    const args = await host(made);
    const [, armor = ""] = /^((?:.*\n){5})([\s\S]*)$/.exec(args.payload)?.slice(1) ?? [];
    assert.equal(
      await openArmor(armor, made.identity.identity),
      "p24-content 1\nname A\nname B\nprune OLD\nenv\nA=value\nB='two\nlines'\n",
    );
    assert.deepEqual([args.target, args.connection], ["monitoring", { ...settings.hosts[HOST], prune: ["OLD"] }]);
  });

  const FAR = 9_000_000_000; // above the seconds of this century's clocks
  const serials: readonly [string, World, serial: number][] = [
    [
      "the host's, which is newer",
      { observedHost: { seen: healthyHost({ serial: FAR + 5 }) }, ledger: { serials: new Map([[HOST, FAR]]) } },
      FAR + 6,
    ],
    [
      "the ledger's, when the host forgot",
      { observedHost: { seen: healthyHost({ serial: 0 }) }, ledger: { serials: new Map([[HOST, FAR]]) } },
      FAR + 1,
    ],
    ["the ledger's, when the host is down", { ledger: { serials: new Map([[HOST, FAR]]) } }, FAR + 1],
    [
      "the ledger's, when the host was not asked",
      { observedHost: { notAsked: true }, ledger: { serials: new Map([[HOST, FAR]]) } },
      FAR + 1,
    ],
  ];
  for (const [title, world, serial] of serials) {
    it(`has a serial above ${title}`, async () => {
      const args = await host(await assessmentOf(world));
      assert.equal(args.payload.split("\n")[3], `serial ${String(serial)}`);
      assert.equal(args.serial, serial);
    });
  }

  it("has the clock's seconds for a serial when that is more than all that is known", async () => {
    const world: World = { observedHost: { notAsked: true }, ledger: { serials: new Map([[HOST, 4]]) } };
    const earliest = Math.floor(Date.now() / 1000);
    const { serial } = await host(await assessmentOf(world));
    assert.ok(serial >= earliest && serial <= Date.now() / 1000, String(serial));
  });

  it("says whether the host was asked", async () => {
    const asked = await host(await assessmentOf({ observedHost: { seen: healthyHost() } }));
    const notAsked = await host(await assessmentOf({ observedHost: { notAsked: true } }));
    assert.deepEqual([asked.notAsked, notAsked.notAsked, notAsked.inSync], [false, true, false]);
  });

  it("is in sync exactly when the report says so", async () => {
    const made = await assessmentOf({ host: { A: "1" }, observedHost: { seen: healthyHost({ serial: 1 }) } });
    assert.equal((await host(made)).inSync, false);
    const [, report] = made.seen.reports;
    assert.ok(report !== undefined);
    const inSync = { ...made.seen, reports: [{ ...report, status: "in sync" as const }] };
    assert.equal((await host({ ...made, seen: inSync })).inSync, true);
  });
});
