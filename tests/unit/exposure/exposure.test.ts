/**
 * Proves what an identity is said to have opened, on histories that a team generates, against a model that knows no
 * ciphertext. The versions here are made by hand as sops would make them; tests/unit/exposure/versions.test.ts and
 * tests/sandbox/people/ do the same with the real sops and git.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { exposureOf } from "../../../core/exposure/exposure.js";
import type { Held, History, SecretAt, Step, Version } from "../../../core/exposure/versions.js";
import { printOf } from "../../support/secrets.js";
import {
  type Act,
  commits,
  type Known,
  named,
  PEOPLE,
  type Person,
  type Snapshot,
  snapshots,
  truthAbout,
} from "../../support/teamHistory.js";

let drawn = 0;
const fresh = (what: string) => `${what} ${(drawn += 1)}`;

/** A file as sops leaves it. `opens`: whether we, who look at it, have its data key. */
function versionOf(
  path: string,
  known: Known,
  former: Version | undefined,
  opens: boolean,
  rewrapped: boolean,
): Version {
  const dataKey = `data key ${known.dataKey}`;
  const isRotated = former === undefined || secretOf.get(former) !== dataKey;
  const isAnew = former === undefined || madeOf.get(former) !== known.made;
  const values = [...known.values].map(([key, value]): [string, Held] => {
    const before = former?.values.get(key);
    const isKept = before !== undefined && plainOf.get(before) === value;
    const held: Held = {
      sealed: isKept && !isRotated ? before.sealed : fresh("sealed"),
      mark: isKept && !isAnew ? before.mark : fresh("mark"),
      print: opens ? printOf(value) : undefined,
    };
    plainOf.set(held, value);
    return [key, held];
  });
  const wrapped = isRotated || rewrapped ? new Set([fresh("wrapped")]) : former.wrapped;
  const version: Version = {
    path,
    recipients: new Set(known.people),
    values: new Map(values),
    dataKey: opens ? dataKey : undefined,
    wrapped,
  };
  secretOf.set(version, dataKey);
  madeOf.set(version, known.made);
  return version;
}

const plainOf = new WeakMap<Held, string>();
const secretOf = new WeakMap<Version, string>();
const madeOf = new WeakMap<Version, number>();

/** What git holds of the snapshots, for somebody who has an identity of `we`. */
function historyOf(all: readonly Snapshot[], we: Person): History {
  const files = all.flatMap((snapshot) => [...snapshot.values()]);
  const ours = new Set(files.filter(({ people }) => people.has(we)).map(({ dataKey }) => dataKey));
  const isListed = (known: Known) => known.people.has(we);
  const versions: Version[] = [];
  const steps: Step[] = [];
  const present = new Map<string, Version>();
  let before: Snapshot = new Map();
  for (const snapshot of all) {
    for (const [path, known] of snapshot) {
      if (before.get(path) === known) {
        continue;
      }
      const former = present.get(path);
      const rewrapped = before.get(path)?.people !== known.people;
      // Our program opens a data key by our own line of the metadata, and by nothing else.
      const version = versionOf(path, known, former, isListed(known) && ours.has(known.dataKey), rewrapped);
      versions.push(version);
      steps.push({ from: former, to: version });
      present.set(path, version);
    }
    before = snapshot;
  }
  return { versions, steps, present };
}

/** Two equal values that nothing in git connects cannot be told equal without opening them. */
function unlike(deed: Act, at: number): Act {
  return deed.do === "set" ? { ...deed, value: `value of commit ${at}` } : deed;
}

const names = (list: readonly SecretAt[]) => list.map(({ path, key }) => named(path, key));

describe("what an identity could open", () => {
  it("is what the model says, on 500 histories of 30 commits and three people", () => {
    let listed = 0;
    fc.assert(
      fc.property(commits(30), (history) => {
        const all = snapshots(history);
        for (const person of PEOPLE) {
          const said = exposureOf(historyOf(all, "anna"), new Set([person]));
          const truth = truthAbout(person, all);
          assert.deepEqual({ exposed: names(said.exposed), gone: names(said.gone) }, truth);
          assert.deepEqual(said.unknown, []);
          listed += person === "anna" ? 0 : said.exposed.length;
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(listed > 500, "the histories expose something");
  });

  it("never leaves out a value where we cannot open everything, and claims none that it does not know", () => {
    let unknown = 0;
    fc.assert(
      fc.property(commits(30, 1), (history) => {
        const all = snapshots(history.map((deeds, at) => deeds.map((deed) => unlike(deed, at))));
        const said = exposureOf(historyOf(all, "bert"), new Set(["carla"]));
        const truth = truthAbout("carla", all);
        const [certain, all_] = [names(said.exposed), names([...said.exposed, ...said.unknown])];
        assert.deepEqual(
          truth.exposed.filter((name) => !all_.includes(name)),
          [],
          "left out",
        );
        assert.deepEqual(
          certain.filter((name) => !truth.exposed.includes(name)),
          [],
          "claimed",
        );
        unknown += said.unknown.length;
      }),
      { numRuns: 500 },
    );
    assert.ok(unknown > 20, "there is something that cannot be known");
  });
});
