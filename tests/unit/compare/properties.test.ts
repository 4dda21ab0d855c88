/**
 * Proves rules that hold for every world, however odd: nothing is taken away that is neither ours nor listed, "in sync"
 * means equal, nothing is forgotten, and the order in which places answer changes nothing.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { compareRepository, type LedgerEntry } from "../../../core/compare/github.js";
import { compareHost } from "../../../core/compare/host.js";
import { renderReport } from "../../../core/compare/render.js";
import type { PlaceReport } from "../../../core/compare/report.js";
import { ROOTS_OF_TRUST } from "../../../core/model/names.js";
import type { HostObservation } from "../../../core/observe/host.js";
import type { Fingerprint } from "../../../core/seal/fingerprint.js";
import { healthyHost, HOST_RECIPIENT } from "../../support/observation.js";
import { samplePrint } from "../../support/secrets.js";

const NAMES = ["ALPHA", "BRAVO", "CHARLIE", "DELTA", "AGE_KEY_GHA"];

const name = fc.constantFrom(...NAMES);
const print = fc.constantFrom(samplePrint("a"), samplePrint("b"));
const keyId = fc.constantFrom("k1", "k2");
const time = fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");

function mapOf<T>(value: fc.Arbitrary<T>): fc.Arbitrary<ReadonlyMap<string, T>> {
  return fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }).map((pairs) => new Map(pairs));
}

interface GitHubWorld {
  readonly desired: ReadonlyMap<string, Fingerprint>;
  readonly there: ReadonlyMap<string, string>;
  readonly ledger: ReadonlyMap<string, LedgerEntry>;
}

const githubWorld: fc.Arbitrary<GitHubWorld> = fc.record({
  desired: mapOf(print),
  there: mapOf(time),
  ledger: mapOf(fc.record({ fingerprint: print, keyId, updatedAt: time })),
});

function compareGithub({ desired, there, ledger }: GitHubWorld): PlaceReport {
  return compareRepository("o/r", desired, { seen: { secrets: there } }, ledger, "k1");
}

interface HostWorld {
  readonly desired: ReadonlyMap<string, Fingerprint>;
  readonly own: ReadonlyMap<string, Fingerprint | undefined>;
  readonly foreign: readonly string[];
  readonly prune: string[];
  readonly services: HostObservation["services"];
}

const hostWorld: fc.Arbitrary<HostWorld> = fc
  .record({
    desired: mapOf(print),
    own: mapOf(fc.option(print, { nil: undefined })),
    foreign: fc.array(name),
    prune: fc.uniqueArray(name),
    services: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom("web", "db", "worker"),
        state: fc.constantFrom("running", "exited"),
        health: fc.constantFrom("healthy", "none", "unhealthy"),
        env: mapOf(print),
      }),
      { selector: (service) => service.name },
    ),
  })
  .map((world) => ({ ...world, foreign: world.foreign.filter((candidate) => !world.own.has(candidate)) }));

function compareOne({ desired, own, foreign, prune, services }: HostWorld): PlaceReport {
  const seen = healthyHost({ own, foreign, services });
  return compareHost("h", { prune, target: "t" }, HOST_RECIPIENT, desired, { seen });
}

function turned<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
  return new Map([...map].reverse());
}

/** The names that an `up` would take away. */
function takenAway(report: PlaceReport): string[] {
  return report.names.filter(({ status }) => status === "orphan").map((entry) => entry.name);
}

function counted(report: PlaceReport): number {
  return Object.values(report.counts).reduce((sum, count) => sum + count, 0);
}

describe("for every repository", () => {
  it("only names of the ledger that git no longer wants are taken away", () => {
    fc.assert(
      fc.property(githubWorld, (world) => {
        for (const gone of takenAway(compareGithub(world))) {
          assert.ok(world.ledger.has(gone) && !world.desired.has(gone) && !ROOTS_OF_TRUST.has(gone), gone);
        }
      }),
    );
  });

  it("in sync means: every name was last written by us with git's value, and nothing of ours is left over", () => {
    fc.assert(
      fc.property(githubWorld, (world) => {
        const equal = [...world.desired].every(([wanted, git]) => {
          const entry = world.ledger.get(wanted);
          return entry?.fingerprint === git && entry.keyId === "k1" && entry.updatedAt === world.there.get(wanted);
        });
        const leftOver = [...world.there.keys()].some(
          (there) => world.ledger.has(there) && !world.desired.has(there) && !ROOTS_OF_TRUST.has(there),
        );
        assert.equal(compareGithub(world).status === "in sync", equal && !leftOver);
      }),
    );
  });

  it("every name of git and of the repository is counted once, but for the roots of trust", () => {
    fc.assert(
      fc.property(githubWorld, (world) => {
        const all = new Set([
          ...world.desired.keys(),
          ...[...world.there.keys()].filter((there) => !ROOTS_OF_TRUST.has(there)),
        ]);
        assert.equal(counted(compareGithub(world)), all.size);
      }),
    );
  });

  it("the order of git, list and ledger changes nothing that is printed or stored", () => {
    fc.assert(
      fc.property(githubWorld, ({ desired, there, ledger }) => {
        const one = compareGithub({ desired, there, ledger });
        const other = compareGithub({ desired: turned(desired), there: turned(there), ledger: turned(ledger) });
        assert.equal(JSON.stringify(other), JSON.stringify(one));
        assert.equal(renderReport([other]), renderReport([one]));
      }),
    );
  });
});

describe("for every host", () => {
  it("only our own names and listed ones that git does not want are taken away", () => {
    fc.assert(
      fc.property(hostWorld, (world) => {
        for (const gone of takenAway(compareOne(world))) {
          assert.ok(!world.desired.has(gone) && (world.own.has(gone) || world.prune.includes(gone)), gone);
        }
      }),
    );
  });

  it("in sync means: file and containers hold git's values and nothing else, and every service runs well", () => {
    fc.assert(
      fc.property(hostWorld, (world) => {
        const { desired, own, foreign, services } = world;
        const equal =
          own.size === desired.size &&
          [...desired].every(
            ([wanted, git]) => own.get(wanted) === git && services.every(({ env }) => (env.get(wanted) ?? git) === git),
          );
        const well = services.every(({ state, health }) => state === "running" && health !== "unhealthy");
        assert.equal(compareOne(world).status === "in sync", equal && foreign.length === 0 && well);
      }),
    );
  });

  it("a name that nobody allowed to drop blocks the place", () => {
    fc.assert(
      fc.property(hostWorld, (world) => {
        const unknown = world.foreign.some((there) => !world.desired.has(there) && !world.prune.includes(there));
        assert.equal(compareOne(world).faults.length > 0, unknown);
      }),
    );
  });

  it("every name of git and of the file is counted once", () => {
    fc.assert(
      fc.property(hostWorld, (world) => {
        const all = new Set([...world.desired.keys(), ...world.own.keys(), ...world.foreign]);
        assert.equal(counted(compareOne(world)), all.size);
      }),
    );
  });

  it("the order of git, file and containers changes nothing that is printed or stored", () => {
    fc.assert(
      fc.property(hostWorld, (world) => {
        const one = compareOne(world);
        const other = compareOne({
          desired: turned(world.desired),
          own: turned(world.own),
          foreign: [...world.foreign].reverse(),
          prune: [...world.prune].reverse(),
          services: [...world.services].reverse(),
        });
        assert.equal(JSON.stringify(other), JSON.stringify(one));
        assert.equal(renderReport([other]), renderReport([one]));
      }),
    );
  });
});
