/**
 * Proves what doctor finds in a folder and on this machine, each finding with its repair, and what it ends with. Backend and
 * places are asked in tests/sandbox/doctor.
 */
import assert from "node:assert/strict";
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Check, type Diagnosis, examine, ok, type Patient } from "../../../../cli/doctor/check.js";
import { fingerprints } from "../../../../cli/doctor/checks/fingerprints.js";
import { hook } from "../../../../cli/doctor/checks/hook.js";
import { identities } from "../../../../cli/doctor/checks/identities.js";
import { ofHost } from "../../../../cli/doctor/checks/places.js";
import { recipients } from "../../../../cli/doctor/checks/recipients.js";
import { node, tools } from "../../../../cli/doctor/checks/tools.js";
import { diagnosesCode, doctor, renderDiagnoses } from "../../../../cli/verbs/doctor.js";
import { EXIT } from "../../../../cli/verb.js";
import { FaultsError } from "../../../../core/fault.js";
import { HOST_PROGRAM } from "../../../../core/observe/host.js";
import { run } from "../../../../core/process.js";
import { makeIdentity } from "../../../../core/sources/identities.js";
import { type Clone, makeClone } from "../../../support/clone.js";
import { temporaryFolder } from "../../../support/folder.js";
import { ageIdentity } from "../../../support/identities.js";
import { healthyHost } from "../../../support/observation.js";
import { patientOf } from "../../../support/patient.js";
import { put } from "../../../support/sopsFiles.js";
import { layTemplates } from "../../../support/templates.js";

const ROOT = join(__dirname, "../../../..");

describe("doctor", () => {
  const folder = temporaryFolder();
  let count = 0;
  let clone: Clone;
  let patient: Patient;
  beforeEach(async () => {
    clone = await makeClone(join(folder(), String((count += 1))));
    patient = patientOf(clone, new Date("2027-01-02"));
  });

  /** Grade and text of what a check finds that is not in order. */
  async function finds(check: Check, at: Patient = patient): Promise<string[]> {
    const found = await examine([check], at);
    return found
      .filter(({ grade }) => grade !== "ok")
      .map(({ grade, what, repair }) => {
        assert.ok(repair !== undefined && repair !== "", what);
        return `${grade}: ${what.replaceAll(clone.root, "")}`;
      });
  }

  describe("identities", () => {
    it("are in order when they open every source", async () => {
      assert.deepEqual(await finds(identities), []);
    });

    it("that are none are named as that, with where sops looks", async () => {
      const env = { ...clone.env, SOPS_AGE_KEY: "" };
      assert.deepEqual(await finds(identities, { ...patient, env }), [
        "fault: no age identity was found on this machine",
      ]);
    });

    it("that others can read", async () => {
      const file = join(clone.root, "mine.txt");
      await put(clone.root, "mine.txt", `${clone.env["SOPS_AGE_KEY"] ?? ""}\n`);
      await chmod(file, 0o644);
      const env = { ...clone.env, SOPS_AGE_KEY: "" };
      assert.deepEqual(await finds(identities, { ...patient, env: { ...env, SOPS_AGE_KEY_FILE: file } }), [
        "fault: /mine.txt can be read by others (mode 644)",
      ]);
    });

    it("that are nobody's, malformed, or open nothing", async () => {
      const stranger = join(clone.root, "stranger.txt");
      await makeIdentity(stranger);
      const env = { ...clone.env, SOPS_AGE_KEY: "AGE-SECRET-KEY-1BROKEN", SOPS_AGE_KEY_FILE: stranger };
      assert.deepEqual(await finds(identities, { ...patient, env }), [
        "warn: SOPS_AGE_KEY holds no age identity",
        "warn: SOPS_AGE_KEY_FILE (/stranger.txt): none of its identities is a recipient of .sops.yaml",
        ...["github-actions", "shared", "stack"].map(
          (name) => `fault: secrets/${name}.sops.yaml: is not encrypted to any of your age identities`,
        ),
      ]);
    });
  });

  describe("recipients", () => {
    const rules = () => readFile(join(clone.root, ".sops.yaml"), "utf8");

    it("are in order with a developer and one more, as the rule has them", async () => {
      assert.deepEqual(await finds(recipients), []);
    });

    it("that are not their rule's", async () => {
      await put(clone.root, ".sops.yaml", (await rules()).replaceAll(clone.runner, (await ageIdentity()).recipient));
      assert.deepEqual(
        await finds(recipients),
        ["github-actions", "shared", "stack"].map(
          (name) => `fault: secrets/${name}.sops.yaml: its recipients are not those of its rule`,
        ),
      );
    });

    it("that lock somebody out", async () => {
      await put(clone.root, ".sops.yaml", (await rules()).replaceAll("dev_test", "host_test"));
      assert.deepEqual(await finds(recipients), [
        "fault: .sops.yaml: creation_rules[0]: has no developer (an anchor &dev_…) among its recipients",
      ]);
    });

    it("of the templates are placeholders", async () => {
      const site = await layTemplates(join(clone.root, "templates"));
      const [first, ...sources] = await finds(recipients, { ...patient, root: site.root });
      assert.equal(first, "fault: placeholders stand for dev_radieu, vps_i1, vps_h1, gha_runner");
      assert.ok(sources.length === 5 && sources.every((line) => line.endsWith("still is the template")));
    });
  });

  it("tells each fault of the settings once", async () => {
    await put(
      clone.root,
      "Pulumi.test.yaml",
      "config:\r\n  p24-infra:github: { owner: 'a b', repositories: [] }\r\n  p24-infra:hosts: {}\r\n",
    );
    let said = "";
    const print = (text: string) => (said = text);
    const code = await doctor.run({ options: { json: true }, rest: [], root: clone.root, env: clone.env, print });
    const { findings } = JSON.parse(said) as { findings: Diagnosis[] };
    assert.deepEqual(
      [code, findings.filter(({ area }) => area === "places").map(({ what }) => what)],
      [EXIT.badInput, ["Pulumi.test.yaml: github.owner: must be a GitHub account's name"]],
    );
  });

  it("finds a hook that is absent, another's, or ours", async () => {
    assert.deepEqual(await finds(hook), ["fault: this folder is no clone of git"]);
    await run("git", ["init", "--quiet"], { cwd: clone.root });
    assert.deepEqual(await finds(hook), ["fault: git starts no hooks in this clone"]);
    await run("git", ["config", "core.hooksPath", "elsewhere"], { cwd: clone.root });
    assert.deepEqual(await finds(hook), ["fault: other hooks are active here: core.hooksPath is elsewhere"]);
    await run("git", ["config", "core.hooksPath", "scripts/git-hooks"], { cwd: clone.root });
    assert.deepEqual(await finds(hook), []);
  });

  it("finds a fingerprint key of more than a year, by git's history", async () => {
    const git = (args: string[], date: string) =>
      run("git", ["-c", "user.name=x", "-c", "user.email=x@example.test", ...args], {
        cwd: clone.root,
        env: { ...clone.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
      });
    assert.deepEqual(await finds(fingerprints), [
      "warn: when fingerprint_key was made cannot be told from git's history",
    ]);
    await git(["init", "--quiet"], "2026-01-01T00:00:00Z");
    await git(["add", "secrets"], "2026-01-01T00:00:00Z");
    await git(["commit", "--quiet", "--message", "one"], "2026-01-01T00:00:00Z");
    assert.deepEqual(await finds(fingerprints, { ...patient, now: new Date("2026-12-31") }), []);
    assert.deepEqual(await finds(fingerprints, { ...patient, now: new Date("2027-01-01") }), [
      "warn: fingerprint_key was made on 2026-01-01, more than a year ago",
    ]);
  });

  it("finds programs that are missing or too old", async () => {
    const found = await finds(tools, { ...patient, env: { PATH: join(clone.root, "nowhere") } });
    assert.deepEqual(
      found.map((line) => line.split(";")[0]),
      [
        "fault: git is not on PATH",
        "fault: pulumi is not on PATH",
        "fault: sops is not on PATH",
        "warn: ssh is not on PATH",
        "warn: gh is not on PATH",
      ],
    );
    const versions: readonly [string, string][] = [
      ["20.19.0", "ok"],
      ["24.1.0", "ok"],
      ["20.18.9", "fault"],
      ["18.20.0", "fault"],
    ];
    assert.deepEqual(
      versions.map(([version]) => node(version).grade),
      versions.map(([, grade]) => grade),
    );
  });

  it("finds what a comparison passes over at a host", () => {
    const cases: readonly [Parameters<typeof healthyHost>[0], string[]][] = [
      [{}, [`ok: host vps-i1: program ${String(HOST_PROGRAM)}, identity age1host`]],
      [
        { program: HOST_PROGRAM - 1 },
        [
          `warn: host vps-i1 runs version ${String(HOST_PROGRAM - 1)} of the host program; this is ${String(HOST_PROGRAM)}`,
        ],
      ],
      [{ identity: "absent" }, ["fault: host vps-i1 has no age identity"]],
      [{ identity: "mode" }, ["fault: host vps-i1 has an age identity that others can read"]],
      [{ pending: true }, ["warn: host vps-i1 has begun an apply and not finished it"]],
    ];
    for (const [changes, expected] of cases) {
      assert.deepEqual(
        ofHost("vps-i1", healthyHost(changes)).map(({ grade, what }) => `${grade}: ${what}`),
        expected,
      );
    }
  });

  it("knows the version of the host program in this checkout", async () => {
    const text = await readFile(join(ROOT, "host/p24-host"), "utf8");
    assert.equal(/^version=(\d+)$/m.exec(text)?.[1], String(HOST_PROGRAM));
  });

  it("is not stopped by a check that fails, but by a fault of its own", async () => {
    const failing = {
      area: "a",
      look: () => Promise.reject(new FaultsError([{ where: "x", name: "y", what: "is off", repair: "on" }])),
    };
    const fine = { area: "b", look: () => Promise.resolve([ok("well")]) };
    assert.deepEqual(await examine([failing, fine], patient), [
      { area: "a", grade: "fault", what: "x: y: is off", repair: "on" },
      { area: "b", grade: "ok", what: "well" },
    ]);
    await assert.rejects(
      examine([{ area: "a", look: () => Promise.reject(new TypeError("a bug")) }], patient),
      TypeError,
    );
  });

  it("ends with the gravest: 3 for a fault, 5 for what could not be asked, 0 with warnings alone", () => {
    const diagnosis = (grade: "ok" | "warn" | "fault" | "unknown") => ({
      area: "a",
      grade,
      what: "w",
      ...(grade === "ok" ? {} : { repair: "r" }),
    });
    assert.equal(diagnosesCode([diagnosis("ok"), diagnosis("warn")]), EXIT.ok);
    assert.equal(diagnosesCode([diagnosis("warn"), diagnosis("unknown")]), EXIT.blocked);
    assert.equal(diagnosesCode([diagnosis("unknown"), diagnosis("fault")]), EXIT.badInput);
    assert.equal(
      renderDiagnoses([diagnosis("ok"), diagnosis("fault")]),
      ["  ok       a  w", "  fault    a  w", "              repair: r", "", "1 of 2 findings are to be repaired."].join(
        "\n",
      ),
    );
    assert.match(renderDiagnoses([diagnosis("ok")]), /\nEverything is in order\.$/);
  });
});
