/**
 * Proves `p24 audit` against emulated GitHub and Vercel with the real p24, sops and git: the sheet of a team in the middle of its
 * move to sops, what is said of places that may not be read, and the very first day.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Audit } from "../../../core/audit/render.js";
import type { At } from "../../../core/audit/sheet.js";
import { writeDotenv } from "../../../core/seal/dotenv.js";
import { commit, inWorktree, rotate } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { VERCEL } from "../../../sandbox/world/vercel.js";
import { canary, leaked } from "../../support/canary.js";
import { numbered, REPOSITORY, teamWith } from "../../support/program.js";
import { secretsOf } from "../../support/secrets.js";
import { useWorld } from "../../support/world.js";

const DEPLOY = `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: deploy
        env: { A: "\${{ secrets.NAME_01 }}", B: "\${{ secrets.GONE_TOKEN }}", C: "\${{ secrets.GITHUB_TOKEN }}", D: "\${{ secrets.OF_ALL }}" }
`;

describe("p24 audit", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)), repositories: [REPOSITORY, VERCEL.repository] });
  const canaries: string[] = [];
  let owners = "";
  const said: string[] = [];
  const value = () => {
    const made = canary();
    canaries.push(made);
    return made;
  };
  const given = (path: string, text: string | Buffer) => {
    const file = join(world().paths.dir, "given", path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  };
  const audit = async (args: readonly string[], env: Record<string, string> = {}) => {
    const cli = join(world().paths.work, "cli/p24.mjs");
    const result = await inWorktree(world(), process.execPath, [cli, "audit", ...args], {
      env: { GITHUB_TOKEN: owners, ...env },
    });
    said.push(result.stdout + result.stderr);
    return result;
  };
  const FILES = ["../given/monitoring", "..\\given\\hostinger\\.env", "../given/.env.local"].map((path) =>
    process.platform === "win32" ? path : path.replaceAll("\\", "/"),
  );
  const sheet = async (...args: string[]): Promise<Audit> => {
    const { code, stdout, stderr } = await audit([...args, "--json"]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Audit;
  };
  const shown = (list: readonly At[]) => list.map(({ name, place }) => `${name} ${place}`);

  before(async () => {
    const { github, vercel, secrets } = world();
    const smtp = secrets.shared["smtp_password"] ?? "";
    owners = github.issueClassic(OWNER, ["repo"]).value;
    const [twin, local] = [value(), value()];
    canaries.push(...Object.values(secrets).flatMap((source) => JSON.stringify(source).match(/cnry\w+/g) ?? []));
    given(
      "monitoring/.env",
      writeDotenv(
        secretsOf({ SMTP_PASSWORD: smtp, LEGACY_TOKEN: twin, OLD_TOKEN: twin, TZ: "Europe/Warsaw", PORT: "2525" }),
      ).replaceAll("\n", "\r\n"),
    );
    given(
      "monitoring/compose.yaml",
      "services:\n  a:\n    image: x:${TAG:-1}\n    environment:\n      P: ${SMTP_PASSWORD}\n      L: ${LEGACY_TOKEN}\n      M: ${ABSENT_KEY}\n      ADMIN_PASSWORD: " +
        value() +
        "\n",
    );
    given("hostinger/.env", `SMTP_PASSWORD='${local}'\n`);
    // As Windows PowerShell's > writes it.
    given(".env.local", Buffer.from(`\uFEFFDEV_API_KEY=${local}\r\n`, "utf16le"));
    github.addSecret(OWNER, REPOSITORY, "NAME_01", value());
    github.addSecret(OWNER, REPOSITORY, "LEFT_OVER", value());
    github.addSecret(OWNER, REPOSITORY, "AGE_KEY_GHA", value());
    github.addSecretElsewhere(OWNER, REPOSITORY, "organization", "OF_ALL");
    github.addSecretElsewhere(OWNER, VERCEL.repository, { environment: "Production" }, "VERCEL_TOKEN");
    github.setWorkflow(OWNER, VERCEL.repository, "deploy.yml", DEPLOY.replace("GONE_TOKEN", "VERCEL_TOKEN"));
    rmSync(join(world().paths.work, ".github"), { recursive: true });
    mkdirSync(join(world().paths.work, ".github/workflows"), { recursive: true });
    writeFileSync(join(world().paths.work, ".github/workflows/deploy.yml"), DEPLOY.replaceAll("\n", "\r\n"));
    vercel.setVariable(VERCEL.project, {
      key: "NEXT_SECRET",
      type: "plain",
      value: value(),
      target: ["production", "preview"],
    });
    vercel.setVariable(VERCEL.project, {
      key: "SMTP_PASSWORD",
      type: "sensitive",
      value: value(),
      target: ["production"],
    });
    await rotate(world(), "stack", "vercel_token", vercel.issueToken());
    await commit(world(), "test: workflows");
  });

  it("lists each secret with its places, tier and source", async () => {
    const { rows, plain, read, unread, compared } = await sheet(...FILES);
    const row = (name: string) => rows.find((one) => one.name === name);
    assert.deepEqual(row("SMTP_PASSWORD"), {
      name: "SMTP_PASSWORD",
      tier: 3,
      by: "inventory",
      places: ["../given/monitoring/.env", "../given/hostinger/.env", `vercel:${VERCEL.project} (production)`],
      source: "secrets/shared.sops.yaml",
      isProposal: false,
    });
    assert.deepEqual(row("ADMIN_PASSWORD")?.places, ["../given/monitoring/compose.yaml"]);
    assert.deepEqual(row("DEV_API_KEY")?.places, ["../given/.env.local"]);
    assert.deepEqual([row("AGE_KEY_GHA")?.by, row("AGE_KEY_GHA")?.tier], ["root of trust", 2]);
    assert.deepEqual(
      [row("VERCEL_TOKEN")?.tier, row("VERCEL_TOKEN")?.places],
      [1, [`github:${OWNER}/${VERCEL.repository} (environment Production)`]],
    );
    assert.deepEqual(row("NEXT_SECRET")?.places, [`vercel:${VERCEL.project} (production, preview)`]);
    assert.ok(rows.length > 40);
    assert.deepEqual(plain.map(({ name }) => name).sort(), ["PORT", "SMTP_PORT", "TZ"]);
    assert.deepEqual(unread, []);
    assert.ok(read.includes("../given/monitoring/.env: 5 variables"), read.join("\n"));
    assert.match(compared, /under the stack's key [0-9a-f]{8}\.$/);
  });

  it("tells equal values, one name with several, orphans, unused and missing ones", async () => {
    const { sameValue, differing, orphans, unused, missing } = await sheet(...FILES);
    assert.deepEqual(sameValue.map(shown), [
      ["DEV_API_KEY ../given/.env.local", "SMTP_PASSWORD ../given/hostinger/.env"],
      ["LEGACY_TOKEN ../given/monitoring/.env", "OLD_TOKEN ../given/monitoring/.env"],
    ]);
    assert.deepEqual(differing, [
      {
        name: "SMTP_PASSWORD",
        groups: [["secrets/shared.sops.yaml", "../given/monitoring/.env"], ["../given/hostinger/.env"]],
      },
    ]);
    const place = `github:${OWNER}/${REPOSITORY}`;
    assert.deepEqual(shown(orphans).sort(), [
      "ADMIN_PASSWORD ../given/monitoring/compose.yaml",
      "DEV_API_KEY ../given/.env.local",
      "LEFT_OVER " + place,
      "LEGACY_TOKEN ../given/monitoring/.env",
      `NEXT_SECRET vercel:${VERCEL.project} (production, preview)`,
      "OF_ALL " + place + " (organization)",
      "OLD_TOKEN ../given/monitoring/.env",
    ]);
    assert.deepEqual(shown(unused).sort(), [
      "AGE_KEY_GHA " + place,
      "LEFT_OVER " + place,
      "OLD_TOKEN ../given/monitoring/.env",
    ]);
    const other = `github:${OWNER}/${VERCEL.repository}`;
    assert.deepEqual(
      missing.map(({ name, place: where, neededBy }) => `${name} ${where} ${neededBy}`),
      [
        `ABSENT_KEY ../given/monitoring/.env ../given/monitoring/compose.yaml:7`,
        `GONE_TOKEN ${place} ${OWNER}/${REPOSITORY} .github/workflows/deploy.yml:7`,
        `NAME_01 ${other} git`,
        `NAME_01 ${other} ${OWNER}/${VERCEL.repository} .github/workflows/deploy.yml:7`,
        `NAME_02 ${place} git`,
        `NAME_02 ${other} git`,
        `OF_ALL ${other} ${OWNER}/${VERCEL.repository} .github/workflows/deploy.yml:7`,
      ],
    );
  });

  it("writes Markdown to a file, and says how much there is", async () => {
    const report = join(world().paths.dir, "inventory.md");
    const { code, stdout } = await audit([...FILES, "--report", report]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^\d+ secrets, 2 values under several names, 1 names with several values, 7 orphans, 3 unused, 7 missing\.\n$/,
    );
    const text = readFileSync(report, "utf8");
    assert.match(
      text,
      /\n\| `SMTP_PASSWORD` \| \.\.\/given\/monitoring\/\.env; .* \| 3 \(inventory\) \| secrets\/shared\.sops\.yaml \|\n/,
    );
    said.push(text);
  });

  it("says what it may not read, and ends with 5 when that is asked for", async () => {
    const off = { GITHUB_TOKEN: "", SOPS_AGE_KEY_FILE: "" };
    const { code, stdout } = await audit(["--json", "--strict"], off);
    assert.equal(code, 5);
    const { unread, compared, rows } = JSON.parse(stdout) as Audit;
    assert.ok(
      unread.some((line) => /GitHub radieu\/p24-infra: GITHUB_TOKEN is not set/.test(line)),
      unread.join("\n"),
    );
    assert.ok(unread.some((line) => /^git: secrets\/shared\.sops\.yaml: no age identity was found/.test(line)));
    assert.ok(unread.some((line) => /^vercel:.*: no vercel_token could be opened/.test(line)));
    assert.match(compared, /a random key of this run/);
    assert.ok(rows.some(({ name, source }) => name === "SMTP_PASSWORD" && source === "secrets/shared.sops.yaml"));
    const app = await audit(["--json"], { GITHUB_TOKEN: world().env["GITHUB_TOKEN"] ?? "" });
    const forbidden = JSON.parse(app.stdout) as Audit;
    assert.ok(forbidden.unread.some((line) => /environment secrets: the token may not list them/.test(line)));
    const wrong = await audit(["../given/none.env"]);
    assert.deepEqual([wrong.code, wrong.stdout], [3, ""]);
    assert.match(wrong.stderr, /^\.\.\/given\/none\.env: is missing or cannot be read\. Repair: /);
    given("broken/compose.yaml", `{ a: [${value()}\n`);
    given("broken/.env/bin/python", value());
    const several = await audit(["../given/none.env", "../given/broken"]);
    assert.equal(several.code, 3);
    assert.match(several.stderr, /^.*none\.env: is missing.*\n.*broken\/compose\.yaml:2: is not valid YAML\. .*\n$/);
    const nowhere = await audit(["--report", "none/report.md"]);
    assert.equal(nowhere.code, 3);
    assert.match(
      nowhere.stderr,
      /^--report: the report cannot be written there\. Repair: name a file in a folder that is there/,
    );
  });

  it("works on the very first day: no source, no rules, no inventory", async () => {
    const { work } = world().paths;
    for (const path of ["secrets", ".sops.yaml", "inventory.yaml"]) {
      rmSync(join(work, path), { recursive: true });
    }
    const { rows, orphans, compared, read, sameValue } = await sheet(...FILES);
    assert.deepEqual(orphans, []);
    assert.match(compared, /a random key of this run, because no fingerprint_key could be opened\.$/);
    assert.ok(read.includes("git: no source is encrypted yet"));
    assert.deepEqual(sameValue.length, 2);
    const row = (name: string) => rows.find((one) => one.name === name);
    assert.deepEqual(
      [row("SMTP_PASSWORD")?.source, row("SMTP_PASSWORD")?.isProposal, row("SMTP_PASSWORD")?.by],
      ["shared", true, "name"],
    );
    assert.equal(row("LEFT_OVER")?.source, "github-actions");
    await inWorktree(world(), "git", ["restore", "."]);
  });

  it("asks Vercel for nothing to be decrypted, and prints no value", () => {
    const asked = world().vercel.requests.filter(({ path }) => path.endsWith("/env"));
    assert.ok(asked.length >= 4 && asked.every(({ query }) => !query.includes("decrypt")));
    assert.ok(said.length >= 7 && canaries.length > 30);
    assert.deepEqual(leaked(said.join("\n"), canaries), []);
  });
});
