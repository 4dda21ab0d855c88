/**
 * Proves the exact text that a person reads, and that neither a value nor its length can be in it: fingerprints of a
 * value and of one a hundred times as long give reports of the same length.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { compareFormerRepository, compareRepository } from "../../../core/compare/github.js";
import { compareHost } from "../../../core/compare/host.js";
import { compactReport, renderReport } from "../../../core/compare/render.js";
import { unreachableReport } from "../../../core/compare/report.js";
import { renderFault } from "../../../core/fault.js";
import { healthyHost, HOST_RECIPIENT } from "../../support/observation.js";
import { printOf, samplePrint } from "../../support/secrets.js";

const GIT = samplePrint("a");
const FORMER = samplePrint("b");
const THEN = "2026-01-05T10:00:00Z";

const repository = compareRepository(
  "radieu/p24-infra",
  new Map([
    ["KEPT", GIT],
    ["NEW", samplePrint("1")],
    ["ROTATED", GIT],
    ["TAKEN_OVER", GIT],
  ]),
  {
    seen: {
      secrets: new Map([
        ["KEPT", THEN],
        ["ROTATED", THEN],
        ["TAKEN_OVER", THEN],
        ["SOMEBODYS", THEN],
        ["FORMER", THEN],
      ]),
    },
  },
  new Map([
    ["KEPT", { fingerprint: GIT, keyId: "k", updatedAt: THEN }],
    ["ROTATED", { fingerprint: FORMER, keyId: "k", updatedAt: THEN }],
    ["FORMER", { fingerprint: FORMER, keyId: "k", updatedAt: THEN }],
  ]),
  "k",
);

const host = compareHost(
  "vps-i1",
  { prune: [], target: "monitoring" },
  HOST_RECIPIENT,
  new Map([
    ["SMTP_PASSWORD", GIT],
    ["GRAFANA_ADMIN_PASSWORD", GIT],
  ]),
  {
    seen: healthyHost({
      pending: true,
      own: new Map([
        ["SMTP_PASSWORD", GIT],
        ["GRAFANA_ADMIN_PASSWORD", undefined],
      ]),
      foreign: ["LEFTOVER"],
      services: [
        { name: "mailer", state: "running", health: "none", env: new Map([["SMTP_PASSWORD", FORMER]]) },
        { name: "alerts", state: "restarting", health: "none", env: new Map([["SMTP_PASSWORD", FORMER]]) },
      ],
    }),
  },
);

const unreachable = unreachableReport("host:vps-h1", 12, {
  where: "host vps-h1",
  what: "cannot be reached at 127.0.0.1 port 22",
  repair: "start the host or correct its address in the settings",
});

describe("the report for a person", () => {
  it("is one line a place, below it the names that differ, its notes and its faults", () => {
    const text = renderReport([repository, compareFormerRepository("radieu/old", ["A", "B"]), host, unreachable]);
    assert.equal(
      text,
      `
github:radieu/p24-infra  differs (recorded)  1 in sync, 1 differs, 1 missing, 1 orphan, 1 adopted, 1 foreign
    FORMER      orphan                                            no longer in git; up takes it away
    NEW         missing        git 11111111 / there ?             up creates it
    ROTATED     differs        git aaaaaaaa / there bbbbbbbb      up writes git's value
    SOMEBODYS   foreign                                           not ours; left alone
    TAKEN_OVER  adopted        git aaaaaaaa / there ?             was there before us; up writes git's value
github:radieu/old        orphan (present)  2 orphan
    note: no longer in the settings; these stay until they are retired by name: A, B
host:vps-i1              differs, blocked (verified)  1 differs, 1 stale process, 1 foreign
    GRAFANA_ADMIN_PASSWORD  differs        git aaaaaaaa / there ?             up writes git's value
    LEFTOVER                foreign                                           not ours; left alone
    SMTP_PASSWORD           stale process  git aaaaaaaa / there bbbbbbbb      up restarts alerts, mailer
    note: an apply was begun and not finished
    note: service alerts is restarting
    ! host vps-i1: the .env file of monitoring has names that git does not know: LEFTOVER; it is not replaced. Repair: for each: p24 import vps-i1 FILE --only NAME takes it over from a copy of that file, or list it in hosts.vps-i1.plain (no secret) or hosts.vps-i1.prune (drop it)
host:vps-h1              unreachable (unreachable)  12 unreachable
    ! host vps-h1: cannot be reached at 127.0.0.1 port 22. Repair: start the host or correct its address in the settings
`.slice(1, -1),
    );
  });

  it("is for programs an object by place, which leaves out what there is nothing to say of", () => {
    assert.deepEqual(compactReport([host, unreachable]), {
      "host:vps-i1": {
        status: "differs",
        confidence: "verified",
        counts: { differs: 1, "stale process": 1, foreign: 1 },
        names: {
          GRAFANA_ADMIN_PASSWORD: { status: "differs", git: "aaaaaaaa" },
          LEFTOVER: { status: "foreign" },
          SMTP_PASSWORD: {
            status: "stale process",
            git: "aaaaaaaa",
            there: "bbbbbbbb",
            services: ["alerts", "mailer"],
          },
        },
        notes: ["an apply was begun and not finished", "service alerts is restarting"],
        faults: host.faults.map(renderFault),
      },
      "host:vps-h1": {
        status: "unreachable",
        confidence: "unreachable",
        counts: { unreachable: 12 },
        faults: unreachable.faults.map(renderFault),
      },
    });
    assert.deepEqual(compactReport([]), {});
  });

  it("of no place at all is empty", () => {
    assert.equal(renderReport([]), "");
  });

  it("has no blanks at the ends of its lines, even for a place without names", () => {
    const empty = compareRepository("o/r", new Map(), { seen: { secrets: new Map() } }, new Map(), "k");
    assert.equal(renderReport([empty]), "github:o/r  in sync (recorded)");
  });

  it("shows neither a value nor its length", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 9, unit: "grapheme" }), (value) => {
        const [short, long] = [value, value.repeat(100)].map((secret) => {
          const seen = healthyHost({ own: new Map([["NAME", printOf(`${secret}!`)]]) });
          const settings = { prune: [], target: "t" };
          const report = compareHost("h", settings, HOST_RECIPIENT, new Map([["NAME", printOf(secret)]]), { seen });
          return { text: renderReport([report]), json: JSON.stringify([report, compactReport([report])]), secret };
        });
        assert.equal(short?.text.length, long?.text.length);
        assert.equal(short?.json.length, long?.json.length);
        for (const { text, json, secret } of [short, long].filter((one) => one !== undefined)) {
          assert.equal(text.includes(secret) || json.includes(secret), false);
        }
      }),
    );
  });
});
