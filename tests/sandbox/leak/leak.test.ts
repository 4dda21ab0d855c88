/**
 * Proves `p24 leak` with the real p24, sops and git, in a clone with a history of rotations: which secret a value is, was, or is
 * a part of; what a commit holds; what is said of identities; the rows that it appends. No place is asked, so none is there.
 */
import assert from "node:assert/strict";
import { createPublicKey, createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { LOG_FILE, parseLog } from "../../../core/rotation/log.mjs";
import { type CommandResult, inWorktree } from "../../../sandbox/world/engine.js";
import { canary, leaked } from "../../support/canary.js";
import { type Clone, makeClone } from "../../support/clone.js";
import { temporaryFolder } from "../../support/folder.js";
import { ageIdentity, sshPair } from "../../support/identities.js";
import { put } from "../../support/sopsFiles.js";

const CHECKOUT = join(__dirname, "../../..");
const P24 = join(CHECKOUT, "cli/p24.mjs");
const SHARED = "secrets/shared.sops.yaml";
const HOST = "secrets/vps-i1.sops.yaml";

const SETTINGS = `config:
  p24-infra:github: { owner: radieu, repositories: [p24-infra], home: p24-infra }
  p24-infra:hosts:
    vps-i1: { address: 192.0.2.1, hostKey: PENDING, target: monitoring }
`;
const INVENTORY = `secrets:
  smtp_password: { issuer: SMTP provider, rotation_days: 90 }
  relay_password: { issuer: ours, tier: 2 }
outside:
  GH_PAT: { tier: 2, purpose: workflows, replaced_by: the App's token, verify: look }
`;

/** Values that no scanner of ours knows by their form. */
const values = {
  oldest: canary(),
  old: canary(),
  present: `pa$$ "${canary()}" ż`,
  pem: `-----BEGIN SOMETHING-----\n${randomBytes(48).toString("base64")}\n-----END SOMETHING-----\n`,
  unrelated: canary(),
  twins: [`https://hooks.example.test/${canary()}`, `https://hooks.example.test/${canary()}`],
  removed: canary(),
  branch: canary(),
};

describe("p24 leak", () => {
  const folder = temporaryFolder();
  let clone: Clone;
  const heard: CommandResult[] = [];
  const leak = async (args: readonly string[], input = "", env: Record<string, string> = {}) => {
    const done = await inWorktree(
      { paths: { work: clone.root }, env: clone.env, heard: (one: CommandResult) => heard.push(one) } as never,
      process.execPath,
      [P24, "leak", ...args],
      { input, env },
    );
    return { ...done, said: done.stdout + done.stderr };
  };
  const asJson = async (args: readonly string[], input = "", code = 0) => {
    const done = await leak([...args, "--json", "--no-commit"], input);
    assert.equal(done.code, code, done.said);
    await git("checkout", "--quiet", "--", LOG_FILE);
    return JSON.parse(done.stdout);
  };
  const git = async (...args: string[]) => {
    const done = await inWorktree({ paths: { work: clone.root }, env: clone.env } as never, "git", args);
    assert.equal(done.code, 0, `git ${args.join(" ")}: ${done.stderr}`);
    return done.stdout.trim();
  };
  const commit = async (message: string) => {
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
    return git("rev-parse", "HEAD");
  };
  const rows = () => parseLog(readFileSync(join(clone.root, LOG_FILE), "utf8"));
  const shared = async (password: string, more: Record<string, string> = {}) =>
    put(
      clone.root,
      SHARED,
      await clone.encrypt({
        smtp_password: password,
        license_text: values.pem,
        hook_a: values.twins[0] ?? "",
        hook_b: values.twins[1] ?? "",
        port: "2525",
        ...more,
      }),
    );

  before(async function () {
    this.timeout(120_000);
    clone = await makeClone(folder());
    Object.assign(clone.env, {
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.com",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.com",
    });
    await put(clone.root, "Pulumi.test.yaml", SETTINGS);
    await put(clone.root, "inventory.yaml", INVENTORY);
    await put(clone.root, LOG_FILE, "# Log\n");
    await put(clone.root, ".gitignore", "home/\ncalls\n");
    await put(clone.root, "secrets/github-actions.sops.yaml", await clone.encrypt({ of_github: canary() }));
    await git("init", "--quiet", "--initial-branch=main");
    await shared(values.oldest, { gone_secret: values.removed });
    await commit("one");
    await shared(values.old);
    await commit("two");
    await git("checkout", "--quiet", "-b", "aside");
    await shared(values.branch);
    await commit("aside");
    await git("checkout", "--quiet", "main");
    await shared("between " + canary());
    await commit("three");
    await shared(values.present);
    await put(clone.root, HOST, await clone.encrypt({ relay_password: values.present, other: canary() }));
    await commit("four");
  });

  it("a name: tier, places, other names of the same value, steps, and its row, committed", async () => {
    const { code, said } = await leak(["smtp_password", "--reason", "echoed in a session"]);
    assert.equal(code, 0, said);
    assert.match(said, /^1\. relay_password \(secrets\/vps-i1\.sops\.yaml\): exposed; rotate it by \S+Z\n/);
    assert.match(said, /\n2\. smtp_password \(secrets\/shared\.sops\.yaml\): exposed; rotate it by /);
    assert.match(said, /\n {4}tier {6}2: it renews itself\n {4}the same value stands as smtp_password\n/);
    assert.match(said, /\n {4}at {8}host:vps-i1 \/opt\/p24-infra\/monitoring\/\.env SMTP_PASSWORD\n/);
    assert.match(said, /\n {4}to do {5}1\. at its issuer \(SMTP provider\): revoke/);
    assert.match(
      said,
      /\ndocs\/secrets-rotation-log\.md: a row was appended for relay_password, smtp_password, commit /,
    );
    assert.equal(await git("status", "--porcelain"), "");
    assert.equal(
      await git("show", "--name-only", "--format=%s"),
      `docs(secrets): to rotate within a day: relay_password, smtp_password\n\n${LOG_FILE}`,
    );
    for (const { due, reason, state, rotator } of rows()) {
      assert.deepEqual([reason, state, rotator], ["echoed in a session", "to rotate", ""]);
      const hours = (Date.parse(due ?? "") - Date.now()) / 3_600_000;
      assert.ok(hours > 23.9 && hours <= 24, String(hours));
    }
  });

  it("asked again, it appends no second row", async () => {
    const before = rows();
    const { code, said } = await leak(["SMTP_PASSWORD"]);
    assert.equal(code, 0, said);
    assert.match(said, /rotate it by \S+Z \(its row is there already\)\n/);
    assert.match(said, /\ndocs\/secrets-rotation-log\.md has every row already\.\n$/);
    assert.deepEqual(rows(), before);
  });

  const url = encodeURIComponent(values.present);
  const copies: readonly [string, string][] = [
    ["the value itself", values.present],
    ["the value itself", `${values.present}\r\n`],
    ["the value itself", `\n  ${values.present}\n\n`],
    ["plain", `2026-11-26 login failed: ${values.present}\nnext line`],
    ["base64 (offset 1)", Buffer.from(`x${values.present}y`).toString("base64")],
    ["hex", `0x${Buffer.from(values.present).toString("hex")}`],
    ["URL-escaped (encodeURIComponent)", `https://x.test/?p=${url}&b`],
    ["JSON-escaped", JSON.stringify({ password: values.present })],
  ];
  for (const [form, text] of copies) {
    it(`a value on standard input, ${form}: ${JSON.stringify(text).slice(0, 3)}…`, async () => {
      const { exposed, former } = await asJson([], text);
      assert.deepEqual(
        exposed.map((one: any) => one.secret),
        ["relay_password", "smtp_password"],
      );
      const forms = exposed[0].found.map((one: any) => one.form);
      assert.ok(forms[0] === form || (form.startsWith("URL") && forms[0].startsWith("URL")), forms.join());
      assert.deepEqual(former, []);
    });
  }

  it("a value of several lines, with the line ends of Windows, and one of its lines alone", async () => {
    const line = values.pem.split("\n")[1] ?? "";
    for (const text of [values.pem.replaceAll("\n", "\r\n"), `${line}\n`]) {
      const { exposed } = await asJson([], text);
      assert.deepEqual([exposed.length, exposed[0].secret], [1, "license_text"]);
    }
  });

  it("a value that was cut off, when it can be only one", async () => {
    const { exposed } = await asJson([], `${values.present.slice(0, 16)}…`);
    assert.equal(exposed[0].found[0].form, "a part of the value");
    const unclear = await asJson([], "https://hooks.example.test/...", 5);
    assert.deepEqual([unclear.exposed, unclear.rows, unclear.ambiguous], [[], [], ["hook_a", "hook_b"]]);
    assert.equal((await leak([], values.present.slice(0, 5))).code, 5);
  });

  it("a value of three rotations ago is told from the present one, and opens no row", async () => {
    const { exposed, former, rows: due } = await asJson([], values.oldest);
    assert.deepEqual([exposed, due], [[], []]);
    assert.deepEqual([former.length, former[0].secret, former[0].state], [1, "smtp_password", "unknown"]);
    assert.ok(former[0].since >= 3, String(former[0].since));
    const { code, said } = await leak([], values.oldest);
    assert.equal(code, 0);
    assert.match(
      said,
      /^smtp_password \(secrets\/shared\.sops\.yaml\): a former value, of \d rotations ago, replaced \S+, commit /,
    );
    assert.match(said, /\n {4}issuer {4}SMTP provider: see that it was revoked there\n$/);
    assert.equal(await git("status", "--porcelain"), "");
  });

  it("a value of a key that was removed, and one of a branch that is not merged", async () => {
    const removed = await asJson([], values.removed);
    assert.deepEqual([removed.exposed, removed.former[0].secret, removed.former[0].since], [[], "gone_secret", 0]);
    const { exposed } = await asJson([], values.branch);
    assert.deepEqual([exposed.length, exposed[0].secret], [1, "smtp_password"]);
  });

  it("a commit: files, their names and the message, in every encoding; others hold none", async () => {
    const clean = await git("rev-parse", "HEAD");
    await put(clone.root, "notes/deploy.md", `first\nuse ${JSON.stringify(values.present)}\nand ${values.old}\n`);
    await put(clone.root, `dump-${values.twins[1]?.slice(-27) ?? ""}.txt`, "nothing\n");
    await put(
      clone.root,
      "wrapped.txt",
      Buffer.from(values.pem)
        .toString("base64")
        .replace(/(.{20})/g, "$1\r\n"),
    );
    const held = await commit(`wip\n\nsee ${values.removed}`);
    await put(clone.root, "later.txt", "nothing\n");
    const later = await commit("later");
    const { exposed, former } = await asJson(["--commit", held.slice(0, 10)]);
    const seen = (list: any[]) =>
      list.flatMap((one) => one.found.map((found: any) => `${one.secret}: ${found.where}:${found.line ?? ""}`)).sort();
    assert.deepEqual(seen(exposed), [
      "license_text: wrapped.txt:",
      "relay_password: notes/deploy.md:2",
      "smtp_password: notes/deploy.md:2",
    ]);
    assert.deepEqual(seen(former), ["gone_secret: the commit's message:", "smtp_password: notes/deploy.md:3"]);
    assert.deepEqual(
      exposed.map((one: any) => one.secret).sort(),
      (await asJson(["--commit", later])).exposed.map((one: any) => one.secret).sort(),
    );
    const none = await leak(["--commit", clean]);
    assert.equal(none.code, 0, none.said);
    assert.match(none.stdout, /\nNo value of the sources is in commit [0-9a-f]{12}\.\n$/);
    assert.match(
      none.stdout,
      /^Not looked for, because they would be found everywhere: secrets\/shared\.sops\.yaml port \(too short\)/,
    );
    const { code, said } = await leak(["--commit", held]);
    assert.equal(code, 0, said);
    assert.equal(rows().at(-1)?.reason, `exposed in commit ${held.slice(0, 12)}`);
    assert.equal(rows().at(-1)?.secret, "license_text");
  });

  it("a value that no source has: clear answer, exit code 5, no row", async () => {
    const { code, said } = await leak([], values.unrelated);
    assert.equal(code, 5, said);
    assert.match(said, /^No value that git knows or ever knew\. /);
    assert.equal(await git("status", "--porcelain"), "");
  });

  it("an identity of the team: what it opens, rekey, and a row; a stranger's: none", async () => {
    const { exposed } = await asJson([], `# made today\n${clone.env["SOPS_AGE_KEY"] ?? ""}\n`);
    assert.equal(exposed.length, 1);
    assert.equal(exposed[0].secret, "age identity dev_test");
    assert.match(exposed[0].about, /opens 1\d present values: .*secrets\/shared\.sops\.yaml \(.*smtp_password/);
    assert.equal(exposed[0].steps[0], "npm run p24 -- rekey dev_test");
    const stranger = await ageIdentity();
    const { strangers, rows: due } = await asJson([], stranger.identity, 5);
    assert.deepEqual([strangers.length, due], [1, []]);
    assert.ok(strangers[0].what.includes(stranger.recipient));
  });

  it("private parts: the sync key by its value, others by the fingerprint of their public part", async () => {
    const { exposed } = await asJson([], (clone.stackValues["sync_ssh_key"] ?? "").replaceAll("\n", "\r\n"));
    assert.deepEqual([exposed[0].secret, exposed[0].steps], ["sync_ssh_key", ["npm run p24 -- rekey sync_ssh_key"]]);
    const pair = sshPair();
    const print = createHash("sha256")
      .update(Buffer.from(pair.public.split(" ")[1] ?? "", "base64"))
      .digest("base64");
    const ssh = await asJson([], pair.private, 5);
    assert.ok(ssh.strangers[0].steps[0].includes(`SHA256:${print.replace(/=+$/, "")}`), JSON.stringify(ssh.strangers));
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const app = await asJson([], privateKey.export({ type: "pkcs1", format: "pem" }).toString(), 5);
    const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
    assert.ok(JSON.stringify(app).includes(`SHA256:${createHash("sha256").update(der).digest("base64")}`));
  });

  it("a root of trust, and a credential outside of the sources, by name", async () => {
    const root = await asJson(["age_key_gha"]);
    assert.deepEqual(
      [root.exposed[0].secret, root.exposed[0].steps[0]],
      ["AGE_KEY_GHA", "npm run p24 -- rekey gha_runner"],
    );
    const outside = await asJson(["GH_PAT"]);
    assert.match(outside.exposed[0].steps.join(), /retire GH_PAT --unknown/);
    assert.equal(outside.rows[0].isThere, false);
  });

  it("says what it could not open, and takes an empty, a wrong and a telling input for what they are", async () => {
    const nobody = (await ageIdentity()).identity;
    const closed = await leak(["--no-commit"], values.old, { SOPS_AGE_KEY: nobody });
    assert.equal(closed.code, 5, closed.said);
    assert.match(closed.said, /Not opened here, so not searched: .*secrets\/shared\.sops\.yaml/);
    const refusals: readonly [string[], string, RegExp][] = [
      [[], " \n", /^standard input: is empty\. Repair: /],
      [["--commit", values.unrelated], "", /^--commit: names no commit that this clone knows/],
      [["smtp_password", "--commit", "HEAD"], "", /^NAME: and --commit are two questions/],
      [[values.unrelated], "", /no source has the key that was named/],
      [
        ["hook_a", "--reason", `it was ${values.twins[0] ?? ""}`],
        "",
        /^--reason: holds a value, and the log is not encrypted/,
      ],
      [["--reason", `it was ${values.unrelated}`], values.unrelated, /^--reason: holds a value/],
      [["AGE_KEY_GHA", "--reason", `it was ${values.twins[0] ?? ""}`], "", /^--reason: holds a value/],
      [["GH_PAT", "--reason", `it was ${values.oldest}`], "", /^--reason: holds a value/],
      [["AGE_KEY_GHA", "--reason", `it was ${nobody}`], "", /^--reason: holds a value/],
    ];
    for (const [args, input, said] of refusals) {
      const done = await leak(args, input);
      assert.equal(done.code, 3, done.said);
      assert.match(done.stderr, said);
    }
    assert.equal(await git("status", "--porcelain"), "");
  });

  it("no answer held a value", () => {
    const all = [...Object.values(values).flat(), ...Object.values(clone.stackValues), clone.env["SOPS_AGE_KEY"] ?? ""];
    const searched = all.filter((value) => value.length > 20);
    assert.ok(heard.length > 30);
    assert.deepEqual(
      heard.flatMap(({ stdout, stderr }) => leaked(stdout + stderr, searched)),
      [],
    );
  });
});
