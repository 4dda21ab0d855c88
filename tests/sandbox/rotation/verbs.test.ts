/**
 * A secret's life through the operator's verbs, with the real sops, git, engine and provider against emulated services: added,
 * corrected, rotated, confirmed place by place, drilled, removed, and its former copy at GitHub retired. Then that nothing
 * which any of them printed or left behind holds a value.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { appendRows, LOG_FILE, type LogRow, parseLog, toRotateBy } from "../../../core/rotation/log.mjs";
import { type CommandResult, commit, inWorktree, p24, rotate, up } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { encryptSource } from "../../../sandbox/world/worktree.js";
import { canary, leaked } from "../../support/canary.js";
import { converge, numbered, REPOSITORY, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

const SHARED = "secrets/shared.sops.yaml";

describe("the operator's verbs", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)) });
  const canaries: string[] = [];
  const printed: string[] = [];
  const commands: string[] = [];
  const onTerminals: string[] = [];
  const work = (...path: string[]) => join(world().paths.work, ...path);
  const text = (path: string) => readFileSync(work(path), "utf8");
  const rows = () => parseLog(text(LOG_FILE));
  /** Rows of one secret, without where they stand. */
  const rowsOf = (secret: string) =>
    rows().flatMap((row) => (row.secret === secret ? [`${row.reason}: ${shown(row)}`] : []));
  const shown = ({ confirmed }: LogRow) => confirmed.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/, "TIME");
  const value = () => {
    const made = canary();
    canaries.push(made);
    return made;
  };
  const run = (args: readonly string[], input = "", env: Record<string, string> = {}) =>
    inWorktree(world(), process.execPath, ["cli/p24.mjs", ...args], { input, env });
  /** On a terminal of its own (util-linux's `script`); each answer is typed when what was shown ends as it says. */
  const onTerminal = (args: readonly string[], ...answers: readonly (readonly [shown: RegExp, typed: string])[]) =>
    new Promise<{ code: number | null; shown: string }>((resolve, reject) => {
      const command = [process.execPath, "cli/p24.mjs", ...args].join(" ");
      const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
        cwd: world().paths.work,
        env: world().env,
        stdio: ["pipe", "pipe", "inherit"],
      });
      let shown = "";
      const left = [...answers];
      child.stdout.setEncoding("utf8").on("data", (piece: string) => {
        shown += piece;
        if (left[0]?.[0].test(shown) === true) {
          child.stdin.write(left.shift()?.[1] ?? "");
        }
      });
      child.once("error", reject);
      child.once("close", (code) => {
        resolve({ code, shown });
      });
    });
  const done = async (args: readonly string[], input = "") => {
    const result = await run(args, input);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.stdout;
  };
  type Refusal = readonly [code: number, args: readonly string[], said: RegExp, input?: string];
  /** Side by side, because nothing of it may change anything. */
  const allRefused = async (refusals: readonly Refusal[]) => {
    const state = async () => [text(SHARED), text("inventory.yaml"), text(LOG_FILE), await head()];
    const before = await state();
    const ended = await Promise.all(refusals.map(([, args, , input]) => run(args, input)));
    for (const [index, { code, stdout, stderr }] of ended.entries()) {
      const [expected, args, said] = refusals[index] as Refusal;
      assert.equal(code, expected, `${args.join(" ")}: ${stdout}${stderr}`);
      assert.match(stdout + stderr, said);
    }
    assert.deepEqual(await state(), before);
  };
  const refused = (...refusal: Refusal) => allRefused([refusal]);
  const git = async (...args: string[]) => (await inWorktree(world(), "git", args)).stdout.trim();
  const head = () => git("rev-parse", "HEAD");
  const subject = () => git("log", "-1", "--format=%s");
  const changed = () => git("show", "--name-only", "--format=", "HEAD");
  /** What a service on a host has. */
  const running = async (host: "vps-i1" | "vps-h1", name: string) =>
    ((await world().hosts.get(host)?.services()) ?? []).flatMap(({ env }) => env[name] ?? [])[0];

  before(async function () {
    this.timeout(300_000);
    const heard = ({ stdout, stderr }: CommandResult, command: string) => {
      commands.push(command);
      printed.push(`${stdout}\n${stderr}`);
    };
    Object.assign(world(), { heard });
    canaries.push(
      ...Object.values(world().secrets).flatMap((source) => JSON.stringify(source).match(/cnry\w+/g) ?? []),
    );
    await converge(world());
  });

  it("add puts a value from standard input into its source, with its entry and a commit", async () => {
    const secret = value();
    const stdout = await done(["add", "spool_password", "--to", "shared", "--rotation-days", "30"], `${secret}\n`);
    assert.match(
      stdout,
      /^spool_password is in secrets\/shared\.sops\.yaml, commit [0-9a-f]{12} \(feat\(secrets\): add/,
    );
    assert.equal(await subject(), "feat(secrets): add spool_password");
    assert.equal(await changed(), "inventory.yaml\nsecrets/shared.sops.yaml");
    assert.match(text("inventory.yaml"), /\n {2}spool_password:\n {4}owner: Sandbox Operator\n {4}rotation_days: 30\n/);
    const { stdout: opened } = await inWorktree(world(), "sops", [
      "decrypt",
      "--extract",
      '["spool_password"]',
      SHARED,
    ]);
    assert.equal(opened, secret);
  });

  it("add and set refuse what the layout would refuse, before anything is encrypted", async () => {
    const add = (name: string, ...more: string[]) => ["add", name, "--to", "shared", ...more];
    const typed = value();
    await allRefused([
      [3, add("smtp_password"), /smtp_password: is there already\. Repair: p24 rotate smtp_password\n$/],
      [3, add("name_01"), /name_01: stands in .* too: one secret has one source/, value()],
      [3, add("path"), /path: would change Compose, Docker or the shell itself/, value()],
      [3, add("age_key_gha"), /age_key_gha: is a root of trust/, value()],
      [3, add("x_unencrypted"), /NAME: would not be encrypted/, value()],
      [3, add("Upper"), /NAME: cannot be a key/, value()],
      [3, add("empty_one"), /empty_one: would be empty/],
      [3, add("a_hook", "--form", "https://.*"), /a_hook: does not have the form/, value()],
      [3, add("a_hook", "--rotation-days", "soon"), /secrets\.a_hook\.rotation_days/, value()],
      [3, ["add", "new_one", "--to", "vps-x9"], /vps-x9\.sops\.yaml: is no source of the settings' places/, value()],
      [3, ["add", "new_one"], /--to: names no source/, value()],
      [3, ["add", "new_one", "--to", "stack"], /new_one: is not known: this file holds only/, value()],
      [
        3,
        ["set", "smtp_password"],
        /smtp_password: has this value already/,
        world().secrets.shared["smtp_password"] ?? "",
      ],
      [3, ["set", "discord_webhook_alerts"], /does not have the form that inventory\.yaml expects/, value()],
      [3, ["set", "smtp_password", "--generate", value()], /--generate: does not know this kind/],
      [
        3,
        ["set", value()],
        /no source has the key that was named\. Repair: p24 add, or name one of: alertmanager_basic_auth, /,
      ],
      [3, ["set", "smtp_password", "--reason", `was ${typed}`], /--reason: holds the value/, typed],
    ]);
  });

  it("a change that is not committed is not taken along", async () => {
    writeFileSync(work(LOG_FILE), `${text(LOG_FILE)}\nA note.\n`);
    await refused(
      3,
      ["rotate", "smtp_password"],
      /secrets-rotation-log\.md: has changes that are not committed/,
      value(),
    );
    await git("restore", LOG_FILE);
  });

  it("rotate gives a new value, a pending row and the spec's commit", async () => {
    const stdout = await done(["rotate", "smtp_password", "--generate", "password", "--reason", "a | test"]);
    assert.match(stdout, /^smtp_password has its new value in .*\nNext: git push and let CI sync, or npm run up/);
    assert.equal(await subject(), "fix(secrets): rotate smtp_password");
    assert.equal(await changed(), `${LOG_FILE}\n${SHARED}`);
    assert.deepEqual(rowsOf("smtp_password"), ["a | test: PENDING"]);
    assert.equal(rows().find(({ secret }) => secret === "smtp_password")?.rotator, "Sandbox Operator");
  });

  it("on a terminal a value is asked for without being shown, a procedure with a yes", async () => {
    const typed = value();
    const set = await onTerminal(["set", "smtp_user", "--no-commit"], [/\(not shown\): $/, `${typed}x\u007f\r`]);
    assert.equal(set.code, 0, set.shown);
    assert.match(set.shown, /^New value of smtp_user \(not shown\): \r\nsmtp_user has its new value in /);
    const rotated = await onTerminal(
      ["rotate", "supabase_grafana_password", "--no-commit"],
      [/\[y\/N\] (?:\u001b\[\d+G)?$/, "y\r"],
      [/\(not shown\): $/, `${value()}\r`],
    );
    assert.equal(rotated.code, 0, rotated.shown);
    assert.match(rotated.shown, /^supabase_grafana_password needs more .*: alter the database role's password first/);
    const stopped = await onTerminal(["set", "smtp_host", "--no-commit"], [/\(not shown\): $/, "abc\u0003"]);
    assert.equal(stopped.code, 3, stopped.shown);
    onTerminals.push(set.shown, rotated.shown, stopped.shown);
    const { stdout } = await inWorktree(world(), "sops", ["decrypt", "--extract", '["smtp_user"]', SHARED]);
    assert.equal(stdout, typed);
    await git("restore", ".");
  });

  it("rotate names a procedure and waits for it; what must never be generated is not", async () => {
    const grafana = ["rotate", "grafana_admin_password", "--generate", "hex"];
    await refused(
      3,
      grafana,
      /Grafana reads it on first start only.*\n.*no terminal to ask on; .* Repair: --procedure-done\n$/s,
    );
    await done([...grafana, "--procedure-done"]);
    assert.equal(await subject(), "fix(secrets): rotate grafana_admin_password");
    const n8n = ["rotate", "n8n_encryption_key"];
    const never = /n8n_encryption_key: is not rotated by a new value alone, and never generated: n8n decrypts/;
    await refused(3, n8n, never, value());
    await refused(3, [...n8n, "--generate", "hex", "--procedure-done"], never);
    await done([...n8n, "--procedure-done", "--no-commit"], value());
    assert.equal(await git("status", "--porcelain"), ` M ${LOG_FILE}\n M secrets/vps-h1.sops.yaml`.trim());
    await commit(world(), "fix(secrets): rotate n8n_encryption_key");
  });

  it("log lists what is open", async () => {
    const stdout = await done(["log"]);
    assert.match(
      stdout,
      /^Not confirmed yet \(p24 confirm\):\n {2}line \d+ {2}\d{4}-\d\d-\d\d {2}smtp_password +a \| test +Sandbox Operator\n/,
    );
    assert.match(stdout, /\nTo be rotated .*:\n {2}line \d+ {2}2026-05-06 {2}flagged 1 of 6 /);
    const { pending, toRotate, overdue } = JSON.parse(await done(["log", "--json"]));
    assert.deepEqual([pending.length, toRotate.length, overdue], [3, 6, []]);
  });

  it("confirm closes nothing before up, and says which place each row waits for", async () => {
    const { code, stdout } = await run(["confirm"]);
    assert.equal(code, 4, stdout);
    assert.match(stdout, /^No row to close\.\nStill open:\n/);
    assert.match(stdout, /\n {2}smtp_password +\S+ {2}host:vps-h1 differs, host:vps-i1 differs\n/);
    assert.match(stdout, /\n {2}flagged 6 of 6 +2026-05-06 {2}nobody has rotated it yet\n/);
  });

  it("with one host down, confirm closes the rows of the other's secrets only", async () => {
    await world().hosts.get("vps-h1")?.down();
    assert.notEqual((await up(world())).code, 0);
    const { code, stdout } = await run(["confirm"]);
    assert.equal(code, 5, stdout);
    assert.match(stdout, /^Confirmed in sync: grafana_admin_password, commit [0-9a-f]{12}\nStill open:\n/);
    assert.match(stdout, /\n {2}n8n_encryption_key +\S+ {2}host:vps-h1 unreachable\n/);
    assert.match(stdout, /\n {2}smtp_password +\S+ {2}host:vps-h1 unreachable\n/);
    assert.deepEqual(rowsOf("grafana_admin_password"), ["scheduled: yes, TIME"]);
    await world().hosts.get("vps-h1")?.up();
  });

  it("with both up, confirm closes the rest; a row that is not committed waits", async () => {
    await converge(world());
    assert.notEqual(await running("vps-h1", "SMTP_PASSWORD"), world().secrets.shared["smtp_password"]);
    writeFileSync(work(LOG_FILE), text(LOG_FILE).trimEnd() + "\n| 2026-11-26 | smtp_user | by hand | me | PENDING |\n");
    await refused(3, ["confirm"], /secrets-rotation-log\.md: has changes that are not committed/);
    const result = JSON.parse(await done(["confirm", "--no-commit", "--json"]));
    assert.deepEqual(result.confirmed, ["smtp_password", "n8n_encryption_key"]);
    const waiting = result.waiting.map(({ secret, why }: { secret: string; why: string }) => `${secret}: ${why}`);
    assert.equal(waiting.at(-1), "smtp_user: the row is not committed");
    await commit(world(), "docs(secrets): confirmed");
    assert.match(await done(["confirm"]), /^Confirmed in sync: smtp_user, commit /);
    assert.equal(await subject(), "docs(secrets): confirm smtp_user in sync");
    assert.equal(await git("status", "--porcelain"), "");
  });

  it("a row that asks for a rotation is closed with that rotation's own, which takes its reason over", async () => {
    writeFileSync(work(LOG_FILE), text(LOG_FILE).replace("flagged 1 of 6", "`name_01`     "));
    await commit(world(), "docs(secrets): the first flagged secret is name_01");
    await done(["rotate", "name_01"], value());
    await converge(world());
    assert.match(await done(["confirm"]), /^Confirmed in sync: name_01, commit /);
    const reason = "LLM exposure, infrastructure-overview.md §9";
    assert.deepEqual(rowsOf("name_01"), [`${reason}: yes, TIME`, `${reason}: yes, TIME`]);
  });

  it("log check warns of a plain edit without a row, and never blocks", async () => {
    const base = await head();
    await rotate(world(), "vps-i1", "loki_tenant_secret", value());
    const check = ["log", "check", "--base", base];
    const warning =
      "secrets/vps-i1.sops.yaml: loki_tenant_secret: was changed without a row in docs/secrets-rotation-log.md.";
    assert.equal(
      await done(check),
      `warning: ${warning} Repair: p24 log check --fix\n`.replace("yaml: loki", "yaml: loki"),
    );
    const { stdout } = await run(check, "", { GITHUB_ACTIONS: "true" });
    assert.match(stdout, /^::warning file=secrets\/vps-i1\.sops\.yaml::loki_tenant_secret: was changed/);
    assert.match(await done([...check, "--fix"]), /^1 rows were appended/);
    assert.equal(await done(check), "Every value that was changed has a row.\n");
    await commit(world(), "docs(secrets): the missing row");
    await refused(3, ["log", "check", "--base", "no-such"], /--base: names no commit that this clone knows/);
  });

  it("log check: of a file that was encrypted anew new values are told with an identity, and said to be unknown without", async () => {
    const base = await head();
    const path = "secrets/vps-h1.sops.yaml";
    await inWorktree(world(), "sops", ["rotate", "--in-place", path]);
    const check = ["log", "check", "--base", base, "--json"];
    assert.deepEqual(JSON.parse(await done(check)), { unlogged: [], unknown: [], fixed: false });
    const values = { ...world().secrets["vps-h1"], waha_api_key: value() };
    await encryptSource(world().paths.work, path, values, world().env);
    await commit(world(), "fix(secrets): encrypted anew");
    const changed = ["n8n_encryption_key", "waha_api_key"].map((key) => ({ path, key }));
    assert.deepEqual(JSON.parse(await done(check)), { unlogged: changed, unknown: [], fixed: false });
    const { code, stdout } = await run(check, "", { SOPS_AGE_KEY_FILE: "" });
    assert.deepEqual([code, JSON.parse(stdout).unknown], [0, [path]]);
    await converge(world());
  });

  it("drill does the whole way and times it", async () => {
    const stdout = await done(["drill", "smtp_password", "--generate", "password"]);
    assert.match(
      stdout,
      /^edit +\d+\.\d s.*\ncommit +.*\npreview +.* 2 resources to change\nup .*\nverified .* vps-i1, vps-h1\nservices .* run, none is unhealthy\nin all +\d+\.\d s +under 5:00\n$/,
    );
    assert.deepEqual(rowsOf("smtp_password").slice(1), [
      `drill: yes, TIME, drill: ${/drill: (\d:\d\d) /.exec(rowsOf("smtp_password")[1] ?? "")?.[1] ?? ""} from the edit to verified`,
    ]);
    assert.equal(
      await git("log", "-2", "--format=%s"),
      "docs(secrets): confirm smtp_password in sync\nfix(secrets): rotate smtp_password",
    );
    assert.equal(await git("status", "--porcelain"), "");
  });

  it("drill refuses a world that differs, and a secret that needs a procedure", async () => {
    await refused(3, ["drill", "grafana_admin_password", "--generate", "hex"], /so it is none for a drill/);
    world().github.setSecret(OWNER, REPOSITORY, "NAME_02", "by hand");
    await refused(
      3,
      ["drill", "smtp_password", "--generate", "hex"],
      /github:radieu\/p24-infra: is not equal to git before the drill/,
    );
    await converge(world());
  });

  it("a drill whose up fails leaves a committed value and a pending row, which up and confirm finish", async () => {
    const before = rowsOf("smtp_password").length;
    await world().hosts.get("vps-h1")?.setDaemon(false);
    const { code, stderr } = await run(["drill", "smtp_password", "--generate", "hex"]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /is not equal to git before the drill/); // Docker is down: its containers cannot be compared
    await world().hosts.get("vps-h1")?.setDaemon(true);
    world().github.inject({ path: "**", status: 422, times: Infinity, method: "PUT" });
    const github = await run(["drill", "name_02", "--generate", "hex"]);
    world().github.clearFaults();
    assert.equal(github.code, 3, github.stdout);
    assert.match(
      github.stderr,
      /drill: up did not converge every place; the new value is committed, its row is pending\. Repair: /,
    );
    assert.deepEqual(rowsOf("name_02"), ["drill: PENDING"]);
    await converge(world());
    assert.match(await done(["confirm"]), /^Confirmed in sync: name_02, commit /);
    assert.equal(rowsOf("smtp_password").length, before);
  });

  it("rotate --due lists by the log's dates, else by git's, and ends with 5 when one is over", async () => {
    const none = await run(["rotate", "--due"]);
    assert.equal(none.code, 0, none.stdout);
    assert.match(none.stdout, /\nNothing is overdue\.\n$/);
    assert.match(none.stdout, /^spool_password +changed \S+ {2}every 30 days {2}due \S+$/m);
    const old = text(LOG_FILE).replace(/\| \d{4}-\d\d-\d\d( +\| `?grafana_admin_password)/, "| 2026-01-02$1");
    writeFileSync(work(LOG_FILE), old);
    const one = await run(["rotate", "--due"]);
    assert.equal(one.code, 5, one.stdout);
    assert.match(
      one.stdout,
      /^grafana_admin_password +changed 2026-01-02 {2}every 90 days {2}overdue since 2026-04-02\n/,
    );
    assert.match(one.stdout, /\nOverdue: 1\.\n$/);
    assert.deepEqual(JSON.parse((await run(["rotate", "--due", "--json"])).stdout).overdue, 1);
    await git("restore", LOG_FILE);
    const asked = { date: "2026-01-02", secret: "waha_api_key", reason: "leaked", rotator: "me" };
    const by = (time: number) => ({ ...asked, confirmed: toRotateBy(new Date(time).toISOString()) });
    writeFileSync(work(LOG_FILE), appendRows(text(LOG_FILE), [by(Date.now() + 3_600_000)]));
    assert.equal((await run(["rotate", "--due"])).code, 0);
    writeFileSync(work(LOG_FILE), appendRows(text(LOG_FILE), [by(Date.now() - 1000)]));
    const late = await run(["rotate", "--due"]);
    assert.equal(late.code, 5, late.stdout);
    assert.match(late.stdout, /^waha_api_key {2}leaked {2}to be rotated by \S+Z\nOverdue: 1\.\n$/m);
    await git("restore", LOG_FILE);
  });

  it("remove takes the key, its entry and what waited for it; up takes it from its places", async () => {
    await done(["rotate", "spool_password", "--generate", "uuid"]);
    await refused(3, ["remove", "spool_password"], /no terminal to ask on; nothing was changed\. Repair: --yes/);
    await done(["remove", "spool_password", "--yes"]);
    assert.equal(await subject(), "fix(secrets): remove spool_password");
    assert.equal(await changed(), `${LOG_FILE}\ninventory.yaml\n${SHARED}`);
    assert.doesNotMatch(text("inventory.yaml") + text(SHARED), /spool_password/);
    assert.match(rowsOf("spool_password").join(), /^scheduled: removed from git, \d{4}-/);
    await converge(world());
    assert.equal(await running("vps-i1", "SPOOL_PASSWORD"), undefined);
    await refused(3, ["remove", "pulumi_passphrase", "--yes"], /pulumi_passphrase: is missing/);
  });

  it("retire deletes a former copy at GitHub 24 hours after its successor was in sync", async () => {
    const names = () =>
      world()
        .github.secretsOf(OWNER, REPOSITORY)
        .map(({ name }) => name);
    world().github.addSecret(OWNER, REPOSITORY, "GRAFANA_ADMIN_PASSWORD", "the old one");
    world().github.addSecret(OWNER, REPOSITORY, "WASABI_ACCESS_KEY_ID", "the old one");
    world().github.addSecret(OWNER, REPOSITORY, "AGE_KEY_GHA", "the root");
    world().github.addSecret(OWNER, REPOSITORY, "SOMEBODYS", "foreign");
    const retire = (name: string, ...more: string[]) => ["retire", name, ...more];
    await allRefused([
      [3, retire("AGE_KEY_GHA", "--yes"), /AGE_KEY_GHA: is a root of trust/],
      [3, retire("SOMEBODYS", "--yes"), /SOMEBODYS: is no secret of git/],
      [
        3,
        retire("SOMEBODYS", "--yes", "--unknown"),
        /SOMEBODYS: was last written at \S+, less than 24 hours ago\. Repair: wait until/,
      ],
      [
        3,
        retire("WASABI_ACCESS_KEY_ID", "--yes"),
        /the log does not say since when\. Repair: p24 confirm wasabi_access_key_id writes/,
      ],
      [3, retire("GRAFANA_ADMIN_PASSWORD", "--yes"), /is known to be in sync since \S+, less than 24 hours ago/],
      [3, retire("a value"), /NAME: is no name of a GitHub secret/],
    ]);
    assert.match(await done(retire("NAME_01")), /^NAME_01 is nowhere at GitHub but where git wants it\.\n$/);

    assert.match(await done(["confirm", "wasabi_access_key_id"]), /^Confirmed in sync: wasabi_access_key_id, commit /);
    assert.deepEqual(rowsOf("wasabi_access_key_id"), ["taken over: in sync, no new value: yes, TIME"]);
    await refused(3, retire("WASABI_ACCESS_KEY_ID", "--yes"), /is known to be in sync since/);
    const yesterday = new Date(Date.now() - 25 * 3_600_000).toISOString().replace(/\.\d+Z/, "Z");
    const aged = text(LOG_FILE).replace(
      /^(\|[^|]*\| (?:grafana_admin_password|wasabi_access_key_id) .*yes, )\S+/gm,
      `$1${yesterday}`,
    );
    writeFileSync(work(LOG_FILE), aged);
    await commit(world(), "test: a day later");

    await refused(
      3,
      retire("GRAFANA_ADMIN_PASSWORD"),
      /To delete: GRAFANA_ADMIN_PASSWORD at radieu\/p24-infra \(foreign\)\..*no terminal/s,
    );
    assert.match(await done(retire("GRAFANA_ADMIN_PASSWORD", "--dry-run")), /^To delete: /);
    assert.ok(names().includes("GRAFANA_ADMIN_PASSWORD"));
    await done(retire("grafana_admin_password", "--yes"));
    await done(retire("WASABI_ACCESS_KEY_ID", "--yes"));
    assert.deepEqual(names(), ["AGE_KEY_GHA", "NAME_01", "NAME_02", "SOMEBODYS"]);
    assert.deepEqual(rowsOf("GRAFANA_ADMIN_PASSWORD"), ["retired: deleted at GitHub radieu/p24-infra: yes, TIME"]);
    assert.equal(await subject(), "fix(secrets): retire WASABI_ACCESS_KEY_ID");
    assert.match((await p24(world(), "status")).stdout, /\nEvery place is equal to git at /);
  });

  it("retire says what GitHub refuses, and writes no row", async () => {
    world().github.addSecret(OWNER, REPOSITORY, "GRAFANA_ADMIN_PASSWORD", "again");
    world().github.inject({ path: "**/GRAFANA_ADMIN_PASSWORD", status: 403, times: Infinity, method: "DELETE" });
    await refused(
      3,
      ["retire", "GRAFANA_ADMIN_PASSWORD", "--yes"],
      /may not read or write the repository's Actions secrets \(403\)/,
    );
    world().github.clearFaults();
  });

  it("no verb printed a value, or left one behind", () => {
    assert.ok(printed.length > 80 && canaries.length > 40, "there was something to search");
    const telling = commands.filter((_, index) => leaked(printed[index] ?? "", canaries).length > 0);
    // The test itself looked at two values; nothing else showed one.
    const asked = ["spool_password", "smtp_user"].map((key) => `sops decrypt --extract ["${key}"] ${SHARED}`);
    assert.deepEqual(telling, asked);
    assert.ok(onTerminals.length === 3 && leaked(onTerminals.join("\n"), canaries).length === 0);
    const files = readdirSync(work(), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    assert.ok(files.includes(work(SHARED)));
    assert.deepEqual(
      files.filter((file) => leaked(readFileSync(file, "utf8"), canaries).length > 0),
      [],
    );
  });
});
