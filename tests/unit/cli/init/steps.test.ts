/**
 * Proves what each step of the bootstrap finds in a folder, and what it changes there: with the real sops; pulumi is a stand-in
 * whose stacks are files. The whole walk, and that it survives being killed, is proved in tests/sandbox/init and tests/prove.
 */
import assert from "node:assert/strict";
import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Finding, Look, Site, Step, Wishes } from "../../../../cli/init/step.js";
import { developer, specIdentity } from "../../../../cli/init/steps/developer.js";
import { generated } from "../../../../cli/init/steps/generated.js";
import { host } from "../../../../cli/init/steps/host.js";
import { others } from "../../../../cli/init/steps/others.js";
import { repository } from "../../../../cli/init/steps/repository.js";
import { roots } from "../../../../cli/init/steps/roots.js";
import { runner } from "../../../../cli/init/steps/runner.js";
import { source } from "../../../../cli/init/steps/source.js";
import { stack } from "../../../../cli/init/steps/stack.js";
import { tools } from "../../../../cli/init/steps/tools.js";
import { values } from "../../../../cli/init/steps/values.js";
import { takeStackSecrets } from "../../../../core/model/stackSecrets.js";
import { run } from "../../../../core/process.js";
import { Secret } from "../../../../core/seal/secret.js";
import { decryptSource } from "../../../../core/sources/decrypt.js";
import { readDotenvFile } from "../../../../core/sources/dotenvFile.js";
import { identityFile, makeIdentity, personalFile } from "../../../../core/sources/identities.js";
import { canary, leaked } from "../../../support/canary.js";
import { faultsOfAsync } from "../../../support/faults.js";
import { temporaryFolder } from "../../../support/folder.js";
import { ageIdentity } from "../../../support/identities.js";
import { expectedPrints, printsOf } from "../../../support/secrets.js";
import { put } from "../../../support/sopsFiles.js";
import { edit, layTemplates, NO_WISHES, textOf } from "../../../support/templates.js";

const ALL = ["stack", "shared", "github-actions", "vps-i1"];

describe("a step of the bootstrap", () => {
  const folder = temporaryFolder();
  let count = 0;
  let site: Site;
  beforeEach(async () => {
    site = await layTemplates(join(folder(), String((count += 1))));
  });

  const wish = (changes: Partial<Wishes>): Site => ({ ...site, wishes: { ...NO_WISHES, ...changes } });
  const look = (step: Step, at: Site = site, earlier: readonly Finding[] = []) => step.look(at, earlier);

  /** Acts, and gives what the step says afterwards. */
  async function act(step: Step, at: Site = site): Promise<Look> {
    const found = await look(step, at);
    assert.equal(found.state, "to do", found.what);
    await found.act();
    return look(step, at);
  }

  const usual = () => join(site.root, "home/.config/sops/age/keys.txt");

  async function identities(): Promise<void> {
    assert.equal((await act(developer)).state, "done");
    assert.equal((await act(runner)).state, "done");
  }

  describe("tools", () => {
    it("is done with what the toolchain brings", async () => {
      const { state, what } = await look(tools);
      assert.deepEqual([state, what.replace(/\d+\.\d+\.\d+/g, "V")], ["done", "git V, pulumi V, sops V"]);
    });

    it("names what is missing", async () => {
      const { state, what } = await look(tools, { ...site, env: { PATH: join(site.root, "nowhere") } });
      assert.equal(state, "human");
      for (const name of ["git", "pulumi", "sops"]) {
        assert.match(what, new RegExp(`${name} is not on PATH \\(needed: \\d`));
      }
    });
  });

  describe("repository", () => {
    it("makes one of the folder, once", async () => {
      assert.equal((await act(repository)).state, "done");
      assert.equal((await run("git", ["symbolic-ref", "HEAD"], { cwd: site.root })).stdout, "refs/heads/main\n");
    });

    it("refuses a folder inside of another one", async () => {
      await run("git", ["init", "--quiet"], { cwd: site.root });
      const inner = { ...site, root: join(site.root, "inner") };
      await mkdir(inner.root);
      assert.match((await faultsOfAsync(look(repository, inner))).join(), /lies inside of another repository/);
    });
  });

  describe("developer", () => {
    it("makes an identity where sops looks, and puts it behind the only open anchor", async () => {
      assert.deepEqual(await act(developer), { state: "done", what: `&dev_radieu is the identity in ${usual()}` });
      const { recipients } = await identityFile(usual());
      assert.match(
        await textOf(site, ".sops.yaml"),
        new RegExp(`- &dev_radieu ${recipients[0] ?? ""}\n  - &vps_i1 age1placeholder`),
      );
    });

    it("takes the one that is there, and makes none", async () => {
      const recipient = await makeIdentity(usual());
      await act(developer);
      assert.deepEqual((await identityFile(usual())).recipients, [recipient]);
      assert.match(await textOf(site, ".sops.yaml"), new RegExp(recipient));
    });

    it("goes on where a run was killed between identity and rules", async () => {
      await put(site.root, "home/.config/sops/age/keys.txt.new", "# created: 2026");
      await act(developer);
      assert.deepEqual(await readdir(dirname(usual())), ["keys.txt"]);
    });

    it("makes it in a file that a flag names, and says how plain sops finds it", async () => {
      const file = join(site.root, "elsewhere/mine.key");
      const at = { ...wish({ identity: file }), env: { ...site.env, SOPS_AGE_KEY_FILE: file }, identityFile: file };
      const after = await act(developer, at);
      assert.equal(after.state, "yours");
      assert.match((after as { how: readonly string[] }).how.join(), /SOPS_AGE_KEY_FILE/);
    });

    it("knows the spec's own place, unless another identity is found", async () => {
      assert.equal(await specIdentity(site.env), undefined);
      await makeIdentity(personalFile(site.env));
      assert.equal(await specIdentity(site.env), join(site.root, "home/.age/personal.key"));
      await makeIdentity(usual());
      assert.equal(await specIdentity(site.env), undefined);
    });

    it("asks which of several identities, and which of several developers", async () => {
      await put(
        site.root,
        "home/.config/sops/age/keys.txt",
        [(await ageIdentity()).identity, (await ageIdentity()).identity].join("\n"),
      );
      assert.match((await look(developer)).what, /several age identities/);
      await edit(site, ".sops.yaml", "  - &vps_i1 ", "  - &dev_second age1placeholder-dev-second\n  - &vps_i1 ");
      assert.deepEqual((await look(developer)).what, "which developer are you: dev_radieu, dev_second?");
      await rm(usual());
      assert.equal((await act(developer, wish({ developer: "dev_second" }))).state, "done");
      assert.match(await textOf(site, ".sops.yaml"), /&dev_radieu age1placeholder/);
    });

    it("sends a stranger to somebody who can open the sources", async () => {
      await edit(site, ".sops.yaml", "age1placeholder-dev-radieu", (await ageIdentity()).recipient);
      const recipient = await makeIdentity(usual());
      const found = await look(developer);
      assert.equal(found.state, "needs");
      assert.match((found as { how: readonly string[] }).how.join(), new RegExp(`onboard dev_NAME ${recipient}`));
    });

    it("does not overwrite a file that holds something else", async () => {
      await put(site.root, "home/.config/sops/age/keys.txt", "my notes\n");
      const found = (await look(developer)) as Extract<Look, { state: "to do" }>;
      assert.match((await faultsOfAsync(found.act())).join(), /is there and holds no age identity/);
      assert.equal(await textOf(site, "home/.config/sops/age/keys.txt"), "my notes\n");
    });
  });

  describe("runner", () => {
    it("makes an identity beside the developer's", async () => {
      await identities();
      const { recipients } = await identityFile(join(dirname(usual()), "gha.key"));
      assert.match(await textOf(site, ".sops.yaml"), new RegExp(`&gha_runner ${recipients[0] ?? "none"}`));
    });

    it("takes a recipient that was made elsewhere", async () => {
      const { recipient } = await ageIdentity();
      await act(runner, wish({ recipients: new Map([["gha_runner", recipient]]) }));
      assert.match(await textOf(site, ".sops.yaml"), new RegExp(`&gha_runner ${recipient}`));
      assert.equal((await identityFile(join(dirname(usual()), "gha.key"))).file, undefined);
    });

    it("is done when its file is deleted afterwards", async () => {
      await identities();
      await rm(join(dirname(usual()), "gha.key"));
      assert.equal((await look(runner)).state, "done");
    });

    it("refuses a file with two identities or none", async () => {
      for (const text of ["", `${(await ageIdentity()).identity}\n${(await ageIdentity()).identity}\n`]) {
        await put(site.root, "gha.key", text);
        const found = await look(runner, wish({ runnerIdentity: join(site.root, "gha.key") }));
        const [fault] = await faultsOfAsync((found as Extract<Look, { state: "to do" }>).act());
        assert.match(fault ?? "", /holds (?:no age identity|several age identities)/);
      }
    });
  });

  describe("a source", () => {
    it("waits for its recipients, and is encrypted to them", async () => {
      assert.deepEqual(await look(source("stack")), {
        state: "waits",
        what: "for the recipients of dev_radieu, gha_runner",
      });
      await identities();
      assert.deepEqual(await look(source("shared")), { state: "waits", what: "for the recipients of vps_i1, vps_h1" });
      assert.deepEqual(await act(source("stack")), { state: "done", what: "to 2 recipients" });
    });

    it("says what stands there in clear, by name", async () => {
      await identities();
      const value = canary();
      await edit(site, "secrets/github-actions.sops.yaml", "PLACEHOLDER", value);
      const found = await look(source("github-actions"));
      assert.match(found.what, /with what stands there in clear \(supabase_access_token\)$/);
      assert.deepEqual(leaked(found.what, [value]), []);
    });

    it("with other recipients than its rule's needs sops updatekeys", async () => {
      await identities();
      await act(source("stack"));
      await edit(
        site,
        ".sops.yaml",
        "  - path_regex: ^secrets[/\\\\](github",
        "  - path_regex: ^secrets[/\\\\]none\n    age: age1x\n  - path_regex: ^secrets[/\\\\](github",
      );
      assert.equal((await look(source("stack"))).state, "done");
      await edit(site, ".sops.yaml", "stack)", "x)");
      assert.match((await faultsOfAsync(look(source("stack")))).join(), /no rule matches this file/);
      await edit(site, ".sops.yaml", "none\n    age: age1x", `stack\n    age: ${(await ageIdentity()).recipient}`);
      const found = await look(source("stack"));
      assert.deepEqual(
        [found.state, (found as { how: readonly string[] }).how],
        ["needs", ["sops updatekeys secrets/stack.sops.yaml"]],
      );
    });
  });

  describe("values", () => {
    const given = (text: string) => readDotenvFile(text, "--values");
    const names = async (name: string) =>
      printsOf((await decryptSource(site.root, `secrets/${name}.sops.yaml`, site.env)).values);

    beforeEach(async () => {
      await identities();
      await act(source("stack"));
      await act(source("github-actions"));
    });

    it("that the program needs are generated, each of its form, and stay as they are", async () => {
      await act(generated);
      const without = wish({ without: new Set(["backend_access_key_id", "backend_secret_access_key"]) });
      assert.deepEqual(await act(values("stack", ALL), without), { state: "done", what: "4 of 4 are there" });
      const source1 = await decryptSource(site.root, "secrets/stack.sops.yaml", site.env);
      takeStackSecrets(source1);
      assert.equal((await look(generated)).state, "done");
      assert.deepEqual(await names("stack"), printsOf(source1.values));
    });

    it("are not generated when they are given", async () => {
      const mine = wish({ values: given("PULUMI_PASSPHRASE=my own passphrase\n") });
      await act(generated, mine);
      const after = await act(values("stack", ALL), mine);
      assert.match(
        after.what,
        /^2 still have the template's placeholder: backend_access_key_id, backend_secret_access_key$/,
      );
      assert.equal((await names("stack"))["pulumi_passphrase"], expectedPrints({ a: "my own passphrase" })["a"]);
    });

    it("of the stack that do not fit are refused by name, and nothing is written", async () => {
      const value = canary().slice(0, 6);
      const mine = wish({ values: given(`PULUMI_PASSPHRASE=${value}\nFINGERPRINT_KEY=x\nBACKEND_ACCESS_KEY_ID=id\n`) });
      await act(generated, mine);
      const found = (await look(values("stack", ALL), mine)) as Extract<Look, { state: "to do" }>;
      assert.deepEqual(await faultsOfAsync(found.act()), [
        "--values: PULUMI_PASSPHRASE: does not have its form. Repair: correct it there",
        "--values: FINGERPRINT_KEY: does not have its form. Repair: correct it there",
      ]);
      assert.equal((await names("stack"))["backend_access_key_id"], expectedPrints({ a: "PLACEHOLDER" })["a"]);
    });

    it("take a placeholder's place, and leave alone what is there already", async () => {
      for (const name of ["vps_i1", "vps_h1"]) {
        await edit(site, ".sops.yaml", `age1placeholder-${name.replace("_", "-")}`, (await ageIdentity()).recipient);
      }
      for (const name of ["shared", "vps-i1", "vps-h1"]) {
        await act(source(name));
      }
      const step = () => values("github-actions", [...ALL, "vps-h1"]);
      assert.match(
        (await look(step())).what,
        /placeholder: supabase_access_token \(Supabase, account, access tokens\)$/,
      );
      assert.deepEqual(await act(step(), wish({ values: given("SUPABASE_ACCESS_TOKEN=first\n") })), {
        state: "done",
        what: "1 of 1 are there",
      });
      assert.equal((await look(step(), wish({ values: given("SUPABASE_ACCESS_TOKEN=second\n") }))).state, "done");
      assert.deepEqual(await names("github-actions"), expectedPrints({ supabase_access_token: "first" }));
    });

    it("of which two hosts have a key are not guessed", async () => {
      await put(site.root, "secrets/vps-h1.sops.yaml", "supabase_access_token: PLACEHOLDER\n");
      const found = await look(
        values("github-actions", [...ALL, "vps-h1"]),
        wish({ values: given("SUPABASE_ACCESS_TOKEN=x\n") }),
      );
      assert.equal(found.state, "needs");
    });

    it("are asked for on a terminal, once; one that does not fit is told and stays open", async () => {
      const asked: string[] = [];
      const said: string[] = [];
      const answers = ["too short", "", "", "", "", "secret"];
      const ask = (question: string) => {
        asked.push(question);
        return Promise.resolve(new Secret(answers.shift() ?? ""));
      };
      const at = { ...site, ask, print: (text: string) => said.push(text) };
      const after = await act(values("stack", ALL), at);
      assert.equal(asked.length, 6);
      assert.match(
        after.what,
        /^5 still have the template's placeholder: pulumi_passphrase, .*, backend_access_key_id$/,
      );
      assert.deepEqual(said, ["--values: PULUMI_PASSPHRASE: does not have its form. Repair: correct it there"]);
    });

    it("that no source has a key for are named", async () => {
      const found = await look(others(ALL), wish({ values: given('SMTP_HOST=x\nGRAFANA_PORT=3000\nOPEN="\n') }));
      assert.deepEqual([found.state, found.what], ["yours", "no source has a key for GRAFANA_PORT, OPEN"]);
      assert.equal((await look(others(ALL))).state, "done");
    });
  });

  describe("a host", () => {
    const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG+/x";

    it("waits for what it has to learn", async () => {
      const earlier = [{ step: "own values", state: "waits" } as Finding];
      assert.deepEqual((await look(host("vps-i1"), site, earlier)).state, "waits");
    });

    it("takes over what was made elsewhere, and keeps the settings' comments", async () => {
      const { recipient } = await ageIdentity();
      const at = wish({ recipients: new Map([["vps_i1", recipient]]), hostKeys: new Map([["vps-i1", KEY]]) });
      assert.equal((await act(host("vps-i1"), at)).state, "done");
      assert.match(
        await textOf(site, "Pulumi.test.yaml"),
        new RegExp(`^# Kept\\.\n[^]*vps-i1: # IONOS\n.*\n +hostKey: ${KEY.replace(/[+]/g, "\\+")}\n`),
      );
    });

    it("whose settings are JSON is pinned by the operator", async () => {
      await edit(
        site,
        "Pulumi.test.yaml",
        "    vps-i1: # IONOS\n      address: 192.0.2.1\n      hostKey: PENDING\n      target: monitoring\n",
        "",
      );
      await edit(
        site,
        "Pulumi.test.yaml",
        "p24-infra:hosts:",
        `p24-infra:hosts: '{"vps-i1":{"address":"192.0.2.1","hostKey":"PENDING","target":"m"}}'`,
      );
      const found = (await look(host("vps-i1"), wish({ hostKeys: new Map([["vps-i1", KEY]]) }))) as Extract<
        Look,
        { state: "to do" }
      >;
      assert.match(
        (await faultsOfAsync(found.act())).join(),
        /is not written as YAML there\. Repair: pulumi config set --path/,
      );
    });
  });

  describe("the stack", () => {
    beforeEach(async () => {
      await identities();
      await act(source("stack"));
      await act(generated);
      await act(
        values("stack", ALL),
        wish({ without: new Set(["backend_access_key_id", "backend_secret_access_key"]) }),
      );
      await edit(site, "Pulumi.test.yaml", "PENDING", "ssh-ed25519 AAAA");
      await edit(site, ".sops.yaml", "age1placeholder-vps", "age1ofahost");
    });

    it("is made in its backend, and the settings get its salt", async () => {
      assert.equal((await act(stack)).state, "done");
      assert.match(await textOf(site, "Pulumi.test.yaml"), /\nencryptionsalt: v1:fromInit=\n$/);
    });

    it("in a folder that is not there yet makes the folder", async () => {
      await rm(join(site.root, "backend"), { recursive: true });
      assert.match((await look(stack)).what, /^makes the folder .*backend and in it the stack test$/);
      assert.equal((await act(stack)).state, "done");
    });

    it("of which a killed run left no salt in the settings gets it from the state", async () => {
      await put(site.root, "stacks/killed", "");
      const after = await act(stack);
      assert.equal(after.what, "takes the salt of the stack's passphrase over into Pulumi.test.yaml");
      assert.equal((await act(stack)).state, "done");
      assert.match(await textOf(site, "Pulumi.test.yaml"), /\nencryptionsalt: v1:fromState=\n$/);
    });

    it("whose backend does not answer needs a person", async () => {
      await put(site.root, "stacks/down", "");
      assert.equal((await look(stack)).state, "human");
      await edit(
        site,
        "Pulumi.test.yaml",
        /file:.*/.exec(await textOf(site, "Pulumi.test.yaml"))?.[0] ?? "",
        "s3://bucket?region=x",
      );
      const found = await look(stack);
      assert.equal(found.what, "the backend s3://bucket does not answer");
      assert.match((found as { how: readonly string[] }).how.join(), /make the bucket bucket/);
    });
  });

  it("roots of trust without a token for GitHub says how to get one, and how each is set", async () => {
    const found = await look(roots);
    assert.deepEqual([found.state, found.what], ["human", "cannot be looked at: GITHUB_TOKEN is not set"]);
    const how = (found as { how: readonly string[] }).how.join("\n");
    for (const name of ["AGE_KEY_GHA", "P24_BOT_APP_ID", "P24_BOT_PRIVATE_KEY"]) {
      assert.match(how, new RegExp(`gh secret set ${name} --repo radieu/p24-infra`));
    }
    assert.doesNotMatch(how, /--body/);
  });
});
