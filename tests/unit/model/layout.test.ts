/** Proves where each key of each source goes: by convention, and where the inventory redirects or renames it. */
import assert from "node:assert/strict";

import { layOut } from "../../../core/model/desired.js";
import { parseInventory } from "../../../core/model/inventory.js";
import { expectedPrints, printsOf } from "../../support/secrets.js";
import { type Git, sampleSettings, SETTINGS_FILE, sourcesOf } from "../../support/settings.js";

/** Each place's names with a stand-in for the value: its fingerprint. */
function laidOut(git: Git, inventory = "secrets: {}", plain: Record<string, string> = {}) {
  const settings = sampleSettings();
  Object.assign(settings.hosts["vps-i1"]?.plain ?? {}, plain);
  const desired = layOut(sourcesOf(git), settings, parseInventory(inventory), SETTINGS_FILE);
  return {
    github: printsOf(desired.github),
    i1: printsOf(desired.hosts.get("vps-i1") ?? new Map()),
    h1: printsOf(desired.hosts.get("vps-h1") ?? new Map()),
  };
}

function expected(github: Record<string, string>, i1: Record<string, string>, h1: Record<string, string>) {
  return { github: expectedPrints(github), i1: expectedPrints(i1), h1: expectedPrints(h1) };
}

describe("what git wants at each place", () => {
  const cases: readonly [string, Git, string, ReturnType<typeof expected>][] = [
    ["nothing", {}, "secrets: {}", expected({}, {}, {})],
    [
      "a shared key: every host, in upper case",
      { shared: { pdf_service_api_key: "p" } },
      "secrets: {}",
      expected({}, { PDF_SERVICE_API_KEY: "p" }, { PDF_SERVICE_API_KEY: "p" }),
    ],
    [
      "a host's key: that host",
      { hosts: { "vps-i1": { a: "1" }, "vps-h1": { b: "2" } } },
      "secrets: {}",
      expected({}, { A: "1" }, { B: "2" }),
    ],
    ["a GitHub key: GitHub", { github: { a: "1" } }, "secrets: {}", expected({ A: "1" }, {}, {})],
    [
      "a key of the program itself: nowhere",
      { stack: { pulumi_passphrase: "x" } },
      "secrets: {}",
      expected({}, {}, {}),
    ],
    [
      "the same key in two hosts' files: each its own",
      { hosts: { "vps-i1": { a: "1" }, "vps-h1": { a: "2" } } },
      "secrets: {}",
      expected({}, { A: "1" }, { A: "2" }),
    ],
    [
      "a shared key sent to GitHub as well",
      { shared: { a: "1" } },
      "secrets: { a: { to: [hosts, github] } }",
      expected({ A: "1" }, { A: "1" }, { A: "1" }),
    ],
    [
      "a shared key kept to one host, under another name",
      { shared: { a: "1" } },
      "secrets: { a: { to: [vps-h1], as: OTHER } }",
      expected({}, {}, { OTHER: "1" }),
    ],
    [
      "a place named twice: once",
      { github: { a: "1" } },
      "secrets: { a: { to: [vps-i1, hosts, vps-i1] } }",
      expected({}, { A: "1" }, { A: "1" }),
    ],
    [
      "a value that has its form, over two lines",
      { github: { a: "x\ny" } },
      'secrets: { a: { form: "x.y" } }',
      expected({ A: "x\ny" }, {}, {}),
    ],
    [
      "an inventory entry without a secret: nothing",
      { github: { a: "1" } },
      "secrets: { b: { to: [hosts] } }",
      expected({ A: "1" }, {}, {}),
    ],
    [
      "a name that only hosts reserve, at GitHub",
      { github: { docker_host: "1" } },
      "secrets: {}",
      expected({ DOCKER_HOST: "1" }, {}, {}),
    ],
    [
      "a name that only GitHub reserves, on a host",
      { hosts: { "vps-i1": { github_app_id: "1" } } },
      "secrets: {}",
      expected({}, { GITHUB_APP_ID: "1" }, {}),
    ],
  ];
  for (const [title, git, inventory, places] of cases) {
    it(title, () => {
      assert.deepEqual(laidOut(git, inventory), places);
    });
  }

  it("plain variables of the settings: their host", () => {
    const git = { hosts: { "vps-i1": { a: "1" } } };
    assert.deepEqual(laidOut(git, "secrets: {}", { TZ: "UTC" }), expected({}, { A: "1", TZ: "UTC" }, {}));
  });

  it("exactly GitHub's limits still pass: 100 secrets, 48 KB", () => {
    const github = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${String(index)}`, "v"]));
    github["k0"] = "x".repeat(48 * 1024);
    assert.equal(Object.keys(laidOut({ github }).github).length, 100);
  });
});
