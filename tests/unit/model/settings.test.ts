/** Proves that settings are parsed once, with defaults, and that every fault of theirs stands in one list. */
import assert from "node:assert/strict";

import { installationOf, parseSettings, SETTINGS } from "../../../core/model/settings.js";
import { faultsOf } from "../../support/faults.js";
import { rawSettings, SETTINGS_FILE } from "../../support/settings.js";

type Raw = Record<string, unknown>;

/** The raw settings with one value set (or removed) at a path. */
function withValue(path: readonly string[], value: unknown): Raw {
  const settings: Raw = rawSettings();
  const last = path.at(-1) ?? "";
  const parent = path.slice(0, -1).reduce<Raw>((at, step) => at[step] as Raw, settings);
  parent[last] = value;
  return settings;
}

function set(path: string): string {
  return `Repair: pulumi config set --path ${path} VALUE`;
}

const RENAME = `Repair: rename it in ${SETTINGS_FILE}`;

describe("settings", () => {
  it("have defaults for port, user, plain and prune", () => {
    const settings = parseSettings(rawSettings(), SETTINGS_FILE);
    assert.deepEqual(settings.hosts["vps-i1"], {
      address: "192.0.2.1",
      port: 22,
      user: "claude-admin",
      hostKey: rawSettings().hosts["vps-i1"].hostKey,
      target: "monitoring",
      plain: {},
      prune: [],
    });
    assert.equal(settings.backend, undefined);
  });

  it("take everything that may be said of a host", () => {
    const host = {
      address: "host.example",
      port: 2222,
      user: "sync",
      hostKey: "ecdsa-sha2-nistp256 AAAA+/=",
      target: "a-1",
      plain: { TZ: "Europe/Berlin" },
      prune: ["OLD_NAME"],
      install: {
        directory: "/srv/a_b/c-1.d",
        owner: "app:1000",
        mode: "640",
        project: "one_2-3",
        timeout: 9999,
        postApply: "/usr/local/sbin/after",
        metrics: "/srv/textfiles",
      },
    };
    const raw = { ...rawSettings(), hosts: { one: host }, backend: "file:///state" };
    assert.deepEqual(parseSettings(raw, SETTINGS_FILE), { ...raw, hosts: { one: host } });
  });

  it("take the App's permissions and Vercel's projects, and do without both", () => {
    const app = { slug: "p24-infra-bot", permissions: { pull_requests: "write", actions: "read" }, installation: 7 };
    const vercel = { team: "acme", projects: { web: { repository: "p24-infra" } } };
    const raw = { ...rawSettings(), vercel };
    const settings = parseSettings({ ...raw, github: { ...raw.github, home: "p24-infra", app } }, SETTINGS_FILE);
    assert.deepEqual([settings.github.app, settings.vercel], [app, vercel]);
    const without = parseSettings({ ...rawSettings(), vercel: undefined }, SETTINGS_FILE);
    assert.deepEqual(["app" in without.github, "home" in without.github, "vercel" in without], [false, false, false]);
  });

  const i1 = ["hosts", "vps-i1"];
  const cases: readonly [string, Raw, string][] = [
    [
      "no owner",
      withValue(["github", "owner"], undefined),
      `github.owner: is missing. ${set("p24-infra:github.owner")}`,
    ],
    ["no hosts", withValue(["hosts"], undefined), `hosts: is missing. ${set("p24-infra:hosts")}`],
    [
      "an owner that cannot be one",
      withValue(["github", "owner"], "radieu/p24"),
      `github.owner: must be a GitHub account's name. ${set("p24-infra:github.owner")}`,
    ],
    [
      "a repository with its owner",
      withValue(["github", "repositories"], ["p24-infra", "radieu/other"]),
      `github.repositories[1]: must be a repository's name, without owner. ${set('"p24-infra:github.repositories[1]"')}`,
    ],
    [
      "a repository twice",
      withValue(["github", "repositories"], ["p24-infra", "other", "P24-Infra"]),
      `github.repositories[2]: is there twice. ${set('"p24-infra:github.repositories[2]"')}`,
    ],
    [
      "a home that is none of the repositories",
      withValue(["github", "home"], "other"),
      `github.home: is none of github.repositories. ${set("p24-infra:github.home")}`,
    ],
    [
      "an App's address in place of its name",
      withValue(["github", "app"], { slug: "https://github.com/apps/bot", permissions: {} }),
      `github.app.slug: must be the App's name in https://github.com/apps/NAME. ${set("p24-infra:github.app.slug")}`,
    ],
    [
      "a permission as GitHub's page spells it",
      withValue(["github", "app"], { slug: "bot", permissions: { "Pull requests": "write" } }),
      "github.app.permissions.Pull requests: must be a permission in the API's spelling, such as pull_requests. " +
        RENAME,
    ],
    [
      "a permission that reaches nowhere",
      withValue(["github", "app"], { slug: "bot", permissions: { issues: "all" } }),
      `github.app.permissions.issues: must be read or write. ${set("p24-infra:github.app.permissions.issues")}`,
    ],
    [
      "a Vercel project without its repository",
      withValue(["vercel"], { projects: { web: {} } }),
      `vercel.projects.web.repository: is missing. ${set("p24-infra:vercel.projects.web.repository")}`,
    ],
    [
      "a Vercel project's name that cannot be one",
      withValue(["vercel"], { projects: { "My Web": { repository: "web" } } }),
      "vercel.projects.My Web: must be a Vercel project's name: lower-case letters, digits, dashes. " + RENAME,
    ],
    [
      "a port that is none",
      withValue([...i1, "port"], 70000),
      `hosts.vps-i1.port: Too big: expected number to be <=65535. ${set("p24-infra:hosts.vps-i1.port")}`,
    ],
    [
      "a host identity that is none",
      withValue([...i1, "hostKey"], "SHA256:abc"),
      "hosts.vps-i1.hostKey: must be the host's public identity: an algorithm and its base64. " +
        set("p24-infra:hosts.vps-i1.hostKey"),
    ],
    [
      "a target that is a path",
      withValue([...i1, "target"], "/opt/monitoring"),
      `hosts.vps-i1.target: must be lower-case letters, digits and dashes. ${set("p24-infra:hosts.vps-i1.target")}`,
    ],
    [
      "a plain variable in lower case",
      withValue([...i1, "plain"], { tz: "UTC" }),
      `hosts.vps-i1.plain.tz: must be an upper-case variable name. ${RENAME}`,
    ],
    [
      "an empty plain variable",
      withValue([...i1, "plain"], { TZ: "" }),
      `hosts.vps-i1.plain.TZ: must not be empty. ${set("p24-infra:hosts.vps-i1.plain.TZ")}`,
    ],
    [
      "a plain variable that is a number",
      withValue([...i1, "plain"], { PORT: 8080 }),
      "hosts.vps-i1.plain.PORT: Invalid input: expected string, received number. Repair: pulumi config set --type string " +
        "--path p24-infra:hosts.vps-i1.plain.PORT VALUE",
    ],
    [
      "a name to prune that cannot be one",
      withValue([...i1, "prune"], ["OLD-NAME"]),
      `hosts.vps-i1.prune[0]: must be an upper-case variable name. ${set('"p24-infra:hosts.vps-i1.prune[0]"')}`,
    ],
    [
      "a host's name that cannot be a file's",
      withValue(["hosts", "Vps_1"], rawSettings().hosts["vps-i1"]),
      `hosts.Vps_1: must be lower-case letters, digits and dashes. ${RENAME}`,
    ],
    [
      "a sync user that cannot be one",
      withValue([...i1, "user"], "ALL"),
      `hosts.vps-i1.user: must be a user's name on the host, in lower case. ${set("p24-infra:hosts.vps-i1.user")}`,
    ],
    ...["opt/app", "/opt/a b", "/opt//app", "/opt/app/", "/opt/../app", "/opt/./app", "/opt/..", "/"].map(
      (directory): [string, Raw, string] => [
        `the directory ${directory}`,
        withValue([...i1, "install"], { directory }),
        "hosts.vps-i1.install.directory: must be an absolute path of plain names: letters, digits, dots, dashes. " +
          set("p24-infra:hosts.vps-i1.install.directory"),
      ],
    ),
    ...["root", "root:", ":root", "a:b:c", "-R:root", "a b:c"].map((owner): [string, Raw, string] => [
      `the owner ${owner}`,
      withValue([...i1, "install"], { owner }),
      `hosts.vps-i1.install.owner: must be USER:GROUP. ${set("p24-infra:hosts.vps-i1.install.owner")}`,
    ]),
    [
      "a mode that others could read",
      withValue([...i1, "install"], { mode: "644" }),
      `hosts.vps-i1.install.mode: must be 400, 440, 600 or 640. ${set("p24-infra:hosts.vps-i1.install.mode")}`,
    ],
    [
      "a mode that is a number",
      withValue([...i1, "install"], { mode: 600 }),
      "hosts.vps-i1.install.mode: Invalid input: expected string, received number. Repair: pulumi config set --type string " +
        "--path p24-infra:hosts.vps-i1.install.mode VALUE",
    ],
    [
      "a project that Compose does not take",
      withValue([...i1, "install"], { project: "Monitoring" }),
      `hosts.vps-i1.install.project: must be a Compose project's name. ${set("p24-infra:hosts.vps-i1.install.project")}`,
    ],
    [
      "a timeout that never ends",
      withValue([...i1, "install"], { timeout: 10000 }),
      `hosts.vps-i1.install.timeout: Too big: expected number to be <=9999. ${set("p24-infra:hosts.vps-i1.install.timeout")}`,
    ],
    [
      "an unknown setting",
      withValue(["netlify"], {}),
      `netlify: is not a known setting. Repair: remove it (known settings: ${SETTINGS.join(", ")})`,
    ],
    [
      "an unknown setting of a host",
      withValue([...i1, "adress"], "192.0.2.1"),
      "hosts.vps-i1.adress: is not a known setting. Repair: remove it (compare with docs/architecture.md)",
    ],
    [
      "a host identity that the bootstrap has not filled yet",
      withValue([...i1, "hostKey"], "PENDING"),
      "hosts.vps-i1.hostKey: is not filled yet, so the host's identity could not be checked. Repair: ssh-keyscan -t " +
        "ed25519 -p 22 192.0.2.1, compare it with the provider's console, then pulumi config set --path " +
        `p24-infra:hosts.vps-i1.hostKey "ssh-ed25519 AAAA…"`,
    ],
  ];
  for (const [title, raw, message] of cases) {
    it(`with ${title} are refused`, () => {
      assert.deepEqual(
        faultsOf(() => parseSettings(raw, SETTINGS_FILE)),
        [`${SETTINGS_FILE}: ${message}`],
      );
    });
  }

  it("show all their faults in one list", () => {
    const raw = { github: {}, hosts: { "vps-i1": { address: "", target: "T" } }, netlify: 1 };
    assert.deepEqual(
      faultsOf(() => parseSettings(raw, SETTINGS_FILE)).map((line) => line.split(":")[1]?.trim()),
      [
        "github.owner",
        "github.repositories",
        "hosts.vps-i1.address",
        "hosts.vps-i1.hostKey",
        "hosts.vps-i1.target",
        "netlify",
      ],
    );
  });

  it("name every host whose identity is not filled yet", () => {
    const raw = rawSettings();
    raw.hosts["vps-i1"].hostKey = "PENDING";
    raw.hosts["vps-h1"].hostKey = "PENDING";
    assert.equal(faultsOf(() => parseSettings(raw, SETTINGS_FILE)).length, 2);
  });

  it("may have hosts without identity while they are installed", () => {
    const raw = withValue([...i1, "hostKey"], "PENDING");
    assert.equal(parseSettings(raw, SETTINGS_FILE, "bootstrap").hosts["vps-i1"]?.hostKey, "PENDING");
    raw["netlify"] = {};
    assert.equal(faultsOf(() => parseSettings(raw, SETTINGS_FILE, "bootstrap")).length, 1);
  });

  it("have defaults for an installation", () => {
    const defaults = {
      directory: "/opt/p24-infra/web",
      owner: "root:root",
      mode: "600",
      project: "web",
      timeout: 120,
      metrics: "/var/lib/prometheus/node-exporter",
    };
    assert.deepEqual(installationOf({ target: "web" }), defaults);
    const install = { directory: "/srv/web", timeout: 5, postApply: "/bin/true" };
    assert.deepEqual(installationOf({ target: "web", install }), { ...defaults, ...install });
  });

  it("never repeat the value that is at fault", () => {
    const raw = withValue([...i1, "hostKey"], "canary-in-the-wrong-place");
    assert.equal(
      faultsOf(() => parseSettings(raw, SETTINGS_FILE)).some((line) => line.includes("canary")),
      false,
    );
  });
});
