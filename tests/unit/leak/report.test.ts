/** Proves what is said of an exposed secret: places, steps, order, rows; the clock is the test's. */
import assert from "node:assert/strict";

import { derivedPlaces } from "../../../core/leak/places.js";
import { inOrder, remedyFor, stepsFor } from "../../../core/leak/remedy.js";
import { renderLeak } from "../../../core/leak/render.js";
import { exposedSecrets, formerSecrets, type Ground, rowsFor, type Sighting } from "../../../core/leak/report.js";
import { exposedRoot, isRoot } from "../../../core/leak/roots.js";
import { layOut } from "../../../core/model/desired.js";
import { parseInventory } from "../../../core/model/inventory.js";
import { ROOTS_OF_TRUST } from "../../../core/model/names.js";
import { sourcePath } from "../../../core/model/sources.js";
import type { Located } from "../../../core/rotation/locate.js";
import {
  appendRows,
  confirmedAt,
  type NewRow,
  parseLog,
  PENDING,
  TO_ROTATE,
  toRotateBy,
} from "../../../core/rotation/log.mjs";
import { sampleSettings, SETTINGS_FILE, sourcesOf } from "../../support/settings.js";

const NOTHING = { exposed: [], former: [], strangers: [], ambiguous: [], leftOut: [], closed: [] };
const NOW = new Date("2026-11-26T12:00:00.123Z");
const DUE = "2026-11-27T12:00:00Z";

const INVENTORY = parseInventory(`secrets:
  smtp_password: { issuer: SMTP provider }
  grafana_admin_password: { issuer: ours, effect: procedure, procedure: reset it in Grafana }
  n8n_encryption_key: { issuer: ours, effect: never-generate, procedure: export and import }
  waha_api_key: { issuer: ours }
  elsewhere: { to: [github, vps-h1], as: OTHER_NAME }
  everywhere: { to: [hosts, github] }
`);

const key = (source: string, name: string): Located => ({ key: name, source, path: sourcePath(source), row: name });
const row = (secret: string, confirmed: string, date = "2026-11-20"): NewRow => ({
  date,
  secret,
  reason: "r",
  rotator: "w",
  confirmed,
});
const rowsOf = (...rows: readonly NewRow[]) => parseLog(appendRows("", rows));

describe("the places of an exposed secret", () => {
  it("are those to which the layout sends it, for every source and redirection", () => {
    const git = {
      shared: { smtp_password: "v", elsewhere: "w", everywhere: "x" },
      github: { snyk: "y" },
      hosts: { "vps-i1": { grafana_admin_password: "z" } },
    };
    const { placed } = layOut(sourcesOf(git), sampleSettings(), INVENTORY, SETTINGS_FILE);
    assert.equal(placed.length, 5);
    for (const { key: name, path, places, name: variable } of placed) {
      const source = path.slice("secrets/".length, -".sops.yaml".length);
      const said = derivedPlaces({ source, key: name }, sampleSettings(), INVENTORY);
      assert.deepEqual(
        said.map((place) => /^(github|host:[^ ]+)/.exec(place)?.[1]?.replace("host:", "")),
        [...places],
      );
      assert.ok(said.every((place) => place.endsWith(` ${variable}`)));
    }
    assert.deepEqual(derivedPlaces({ source: "vps-i1", key: "grafana_admin_password" }, sampleSettings(), INVENTORY), [
      "host:vps-i1 /opt/p24-infra/monitoring/.env GRAFANA_ADMIN_PASSWORD",
    ]);
  });

  it("of the program's own are none", () => {
    assert.deepEqual(derivedPlaces({ source: "stack", key: "sync_ssh_key" }, sampleSettings(), INVENTORY), []);
  });
});

describe("the steps for an exposed secret", () => {
  const sync = ["git push and let CI sync, or npm run up", "npm run p24 -- confirm"];
  const revoke = (issuer: string) =>
    `at its issuer (${issuer}): revoke the exposed value and make a new one; where two may live side by side, make the new one first and revoke the exposed one last`;
  const cases: readonly [Located, string[]][] = [
    [key("shared", "smtp_password"), [revoke("SMTP provider"), "npm run p24 -- rotate smtp_password", ...sync]],
    [key("vps-h1", "waha_api_key"), ["npm run p24 -- rotate waha_api_key --generate password", ...sync]],
    [
      key("vps-i1", "grafana_admin_password"),
      [
        "reset it in Grafana",
        "npm run p24 -- rotate grafana_admin_password --generate password --procedure-done",
        ...sync,
      ],
    ],
    [
      key("vps-h1", "n8n_encryption_key"),
      ["export and import", "npm run p24 -- rotate n8n_encryption_key --procedure-done", ...sync],
    ],
    [key("shared", "unlisted"), [revoke("inventory.yaml does not name it"), "npm run p24 -- rotate unlisted", ...sync]],
    [key("stack", "sync_ssh_key"), ["npm run p24 -- rekey sync_ssh_key"]],
    [key("stack", "fingerprint_key"), ["npm run p24 -- rotate fingerprint_key --generate base64", ...sync]],
  ];
  for (const [one, steps] of cases) {
    it(`${one.source}/${one.key}`, () => {
      assert.deepEqual(stepsFor(one.row, remedyFor(one, INVENTORY)), steps);
    });
  }

  it("come in order: the program's own, what one command replaces, what an issuer makes, what has a procedure", () => {
    const all = [
      key("vps-h1", "n8n_encryption_key"),
      key("vps-i1", "grafana_admin_password"),
      key("stack", "fingerprint_key"),
      key("shared", "smtp_password"),
      key("github-actions", "other"),
      key("stack", "payload_signing_key"),
      key("vps-h1", "waha_api_key"),
    ].map((one) => ({
      secret: one.row,
      source: one.source,
      key: one.key,
      remedy: remedyFor(one, INVENTORY),
      places: derivedPlaces(one, sampleSettings(), INVENTORY),
    }));
    assert.deepEqual(
      inOrder(all).map(({ secret }) => secret),
      [
        "payload_signing_key",
        "fingerprint_key",
        "waha_api_key",
        "smtp_password", // two hosts
        "other", // one repository
        "grafana_admin_password",
        "n8n_encryption_key",
      ],
    );
  });

  it("are there for every root of trust, in any case", () => {
    for (const name of ROOTS_OF_TRUST) {
      assert.ok(isRoot(name.toLowerCase()));
      const { steps, places } = exposedRoot(name.toLowerCase(), "radieu/p24-infra");
      assert.ok(steps.length >= 2, name);
      assert.deepEqual(places, [`github:radieu/p24-infra ${name}`]);
    }
  });
});

const ground = (...rows: readonly NewRow[]): Ground => ({
  keys: [key("shared", "smtp_password"), key("vps-h1", "waha_api_key")],
  settings: sampleSettings(),
  inventory: INVENTORY,
  rows: rowsOf(...rows),
});
const at = ({ path, key: name }: Located) => ({ path, key: name });
const SMTP = at(key("shared", "smtp_password"));
const WAHA = at(key("vps-h1", "waha_api_key"));

describe("a report of a leak", () => {
  it("has an entry for every name under which the value stands, and names the others", () => {
    const sighting: Sighting = { standing: { present: [SMTP, WAHA], former: [], elsewhere: [] }, found: [] };
    assert.deepEqual(
      exposedSecrets([sighting], ground()).map(({ secret, sameValue }) => [secret, sameValue]),
      [
        ["waha_api_key", ["smtp_password"]],
        ["smtp_password", ["waha_api_key"]],
      ],
    );
  });

  const former = { ...SMTP, replacedBy: "c".repeat(40), replacedAt: "2026-11-20T08:00:00Z", since: 3 };
  const states: readonly [string, NewRow[], string][] = [
    ["nothing is written down", [], "unknown"],
    ["its successor was confirmed", [row("smtp_password", confirmedAt("2026-11-20T09:00:00Z"))], "confirmed"],
    ["only an older value was", [row("smtp_password", confirmedAt("2026-11-01T09:00:00Z"), "2026-11-01")], "unknown"],
    ["its successor is pending", [row("smtp_password", PENDING)], "not confirmed"],
    ["another secret is pending", [row("waha_api_key", PENDING)], "unknown"],
    ["a rotation is asked for, which is about the present value", [row("smtp_password", TO_ROTATE)], "unknown"],
  ];
  for (const [title, rows, state] of states) {
    it(`a former value when ${title}: ${state}`, () => {
      const sighting: Sighting = { standing: { present: [], former: [former], elsewhere: [] }, found: [] };
      const found = formerSecrets([sighting], ground(...rows));
      assert.deepEqual(
        found.map((one) => [one.secret, one.state, one.since, one.issuer]),
        [["smtp_password", state, 3, "SMTP provider"]],
      );
      assert.deepEqual(exposedSecrets([sighting], ground(...rows)), []);
    });
  }

  it("says of a former value how long ago, and that its issuer must not take it", () => {
    const sighting: Sighting = { standing: { present: [], former: [former], elsewhere: [] }, found: [] };
    const facts = { ...NOTHING, rows: [] };
    const said = renderLeak({
      ...facts,
      former: formerSecrets([sighting], ground(row("smtp_password", confirmedAt(DUE)))),
    });
    assert.deepEqual(said, [
      "smtp_password (secrets/shared.sops.yaml): a former value, of 3 rotations ago, replaced 2026-11-20T08:00:00Z, commit cccccccccccc",
      "    places    every place was seen with a later value: harmless there",
      "    issuer    SMTP provider: see that it was revoked there",
    ]);
  });
});

describe("the row of an exposed secret", () => {
  const exposed = exposedSecrets([{ standing: { present: [SMTP], former: [], elsewhere: [] }, found: [] }], ground());
  const wanted: NewRow = {
    date: "2026-11-26",
    secret: "smtp_password",
    reason: "echoed",
    rotator: "",
    confirmed: toRotateBy(DUE),
  };
  const cases: readonly [string, NewRow[], NewRow[]][] = [
    ["is due in 24 hours", [], [wanted]],
    ["is not written twice", [row("smtp_password", toRotateBy(DUE))], []],
    ["is written beside one that is due later", [row("smtp_password", toRotateBy("2026-12-24T00:00:00Z"))], [wanted]],
    ["is written beside one without a time", [row("smtp_password", TO_ROTATE)], [wanted]],
    ["is written beside a pending one, which is about a former value", [row("smtp_password", PENDING)], [wanted]],
    ["is written beside one that is done", [row("smtp_password", confirmedAt(DUE))], [wanted]],
    ["is written beside another secret's", [row("waha_api_key", toRotateBy(DUE))], [wanted]],
  ];
  for (const [title, rows, append] of cases) {
    it(title, () => {
      const result = rowsFor(exposed, rowsOf(...rows), "echoed", NOW);
      assert.deepEqual(result.append, append);
      assert.deepEqual(result.due, [{ secret: "smtp_password", due: DUE, isThere: append.length === 0 }]);
    });
  }

  it("says how it looks", () => {
    const { due } = rowsFor(exposed, [], "echoed", NOW);
    assert.deepEqual(renderLeak({ ...NOTHING, exposed, rows: due, closed: [sourcePath("stack")] }), [
      `smtp_password (secrets/shared.sops.yaml): exposed; rotate it by ${DUE}`,
      "    tier      3: static, in sops, in one place",
      "    at        host:vps-i1 /opt/p24-infra/monitoring/.env SMTP_PASSWORD",
      "    at        host:vps-h1 /opt/p24-infra/hostinger/.env SMTP_PASSWORD",
      "    to do     1. at its issuer (SMTP provider): revoke the exposed value and make a new one; where two may live side by side, make the new one first and revoke the exposed one last",
      "              2. npm run p24 -- rotate smtp_password",
      "              3. git push and let CI sync, or npm run up",
      "              4. npm run p24 -- confirm",
      "Not opened here, so not searched: secrets/stack.sops.yaml. Repair: run again with an identity that opens them",
    ]);
  });
});
