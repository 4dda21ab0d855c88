/**
 * Proves what `p24 host install` sends, asks, prints and ends with. The sources are real ones; `ssh` is a stand-in that
 * writes down how it was called and answers what the test says. The script itself is proved in tests/lab/install.test.ts.
 */
import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";

import ssh2 from "ssh2";

import { EXIT, type Invocation } from "../../../cli/verb.js";
import { hostInstall } from "../../../cli/verbs/hostInstall.js";
import { run } from "../../../core/process.js";
import { type Clone, makeClone } from "../../support/clone.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { put } from "../../support/sopsFiles.js";

const SSH = `#!/bin/sh
# Stand-in for ssh, of a test: keeps its arguments, its input and the file of known hosts; answers from a file a mode.
printf '%s\\n' "$*" >>"$P24_TEST_SSH/arguments"
for word; do case $word in UserKnownHostsFile=*) eval "cat \${word#*=}" >"$P24_TEST_SSH/known" ;; esac; done
IFS= read -r mode
{ echo "$mode"; cat; } >"$P24_TEST_SSH/\${mode#mode=}.sh"
case $mode in *plan*) name=plan ;; *) name=apply ;; esac
mv "$P24_TEST_SSH/\${mode#mode=}.sh" "$P24_TEST_SSH/$name.sh"
cat "$P24_TEST_SSH/$name.err" >&2 2>/dev/null
cat "$P24_TEST_SSH/$name"
exit "$(cat "$P24_TEST_SSH/$name.code" 2>/dev/null || echo 0)"
`;

const CHANGE =
  "ok tools openssl 3.0.19\nchange identity makes /root/.age/secrets.key\nhostkey ssh-ed25519 AAAAhost\nend\n";
const DONE =
  "ok tools openssl 3.0.19\nchange identity makes /root/.age/secrets.key\ndone identity makes /root/.age/secrets.key\n" +
  "public age1fresh\nhostkey ssh-ed25519 AAAAhost\nend\n";
const SETTLED = "ok tools openssl 3.0.19\npublic age1known\nhostkey ssh-ed25519 AAAAhost\nend\n";

const settings = (hostKey: string) => `config:
  p24-infra:github: { owner: radieu, repositories: [] }
  p24-infra:hosts:
    vps-i1: { address: 192.0.2.1, hostKey: ${hostKey}, target: monitoring }
    vps-h1: { address: 192.0.2.2, hostKey: PENDING, target: hostinger, install: { mode: "640" } }
`;

const rules = ({ recipient, runner }: Clone, i1: string) => `keys:
  - &dev_radieu ${recipient}
  - &gha_runner ${runner}
  - &vps_i1 ${i1}
  - &vps_h1 age1placeholder-vps-h1
creation_rules:
  - path_regex: ^secrets/(shared|vps-i1)\\.sops\\.yaml$
    key_groups: [{ age: [*dev_radieu, *vps_i1] }]
  - path_regex: .
    key_groups: [{ age: [*dev_radieu, *gha_runner] }]
`;

describe("host install", () => {
  const folder = temporaryFolder();
  let clone: Clone;
  before(async () => {
    clone = await makeClone(folder());
    await put(clone.root, "bin/ssh", SSH);
    await chmod(join(clone.root, "bin/ssh"), 0o755);
  });

  let calls = 0;
  let world: string;
  beforeEach(async () => {
    world = `ssh-${String((calls += 1))}`;
    await put(clone.root, "Pulumi.test.yaml", settings("PENDING"));
    await put(clone.root, ".sops.yaml", rules(clone, "age1placeholder-vps-i1"));
    await answer({ plan: CHANGE, apply: DONE });
  });

  /** What the stand-in answers; `plan.err` and `plan.code` say how it fails. */
  async function answer(files: Readonly<Record<string, string>>): Promise<void> {
    await Promise.all(Object.entries(files).map(([name, text]) => put(clone.root, join(world, name), text)));
  }

  const sent = (name: string) => readFile(join(clone.root, world, name), "utf8").catch(() => undefined);

  async function install(options: Invocation["options"] = {}, name = "vps-i1") {
    const printed: string[] = [];
    const env = { ...clone.env, P24_TEST_SSH: join(clone.root, world) };
    const invocation = { options, rest: [name], root: clone.root, env, print: (text: string) => printed.push(text) };
    const write = process.stderr.write.bind(process.stderr);
    let errors = "";
    process.stderr.write = (text: string | Uint8Array) => {
      errors += String(text);
      return true;
    };
    try {
      return { code: await hostInstall.run(invocation), printed: printed.join("\n"), errors };
    } finally {
      process.stderr.write = write;
    }
  }

  const NEXT = [
    'pulumi config set --stack test --path p24-infra:hosts.vps-i1.hostKey "ssh-ed25519 AAAAhost"',
    "in .sops.yaml put age1fresh behind &vps_i1",
    "sops updatekeys secrets/shared.sops.yaml",
    "sops updatekeys secrets/vps-i1.sops.yaml",
  ];

  it("shows the plan, does it, and says what is still to be done in git", async () => {
    const { code, printed, errors } = await install({ yes: true });
    assert.deepEqual([code, errors], [EXIT.ok, ""]);
    assert.equal(
      printed,
      [
        "host vps-i1, as root@192.0.2.1:",
        "  ok       tools     openssl 3.0.19",
        "  change   identity  makes /root/.age/secrets.key",
        "",
        "After it:",
        "  ok       tools     openssl 3.0.19",
        "  done     identity  makes /root/.age/secrets.key",
        "",
        "The host's age recipient: age1fresh",
        "",
        "Next:",
        ...NEXT.map((step) => `  ${step}`),
      ].join("\n"),
    );
    assert.equal(await sent("arguments"), "-T -a -x -p 22 root@192.0.2.1 sh -s\n".repeat(2));
    assert.equal(await sent("known"), undefined);
  });

  it("sends public parts alone", async () => {
    await install({ yes: true });
    const names = ["host", "target_line", "user", "sync_public", "signer", "observers"];
    const show = `\n${names.map((name) => `printf '%s\\0' "$${name}"\n`).join("")}exit\n`;
    const script = ((await sent("apply.sh")) ?? "").replace("\nPATH=", `${show}PATH=`);
    const { stdout } = await run("sh", ["-s"], { input: script });
    const sync = ssh2.utils.parseKey(clone.stackValues["sync_ssh_key"] ?? "") as ssh2.ParsedKey;
    const signer = createPublicKey(clone.stackValues["payload_signing_key"] ?? "");
    assert.deepEqual(stdout.split("\0").slice(0, -1), [
      "vps-i1",
      "monitoring /opt/p24-infra/monitoring root:root 600 monitoring 120 -",
      "claude-admin",
      `ssh-ed25519 ${sync.getPublicSSH().toString("base64")}`,
      signer.export({ type: "spki", format: "pem" }),
      `${clone.recipient}\n${clone.runner}\n`,
    ]);
    for (const script of [await sent("plan.sh"), await sent("apply.sh")]) {
      for (const value of Object.values(clone.stackValues)) {
        assert.equal(script?.includes(value), false);
      }
      assert.doesNotMatch(script ?? "", /PRIVATE KEY/);
    }
  });

  it("takes the host's own settings", async () => {
    await install({ yes: true, admin: "debian", identity: "/tmp/id" }, "vps-h1");
    assert.equal(
      (await sent("arguments"))?.split("\n")[0],
      "-T -a -x -p 22 -i /tmp/id -o IdentitiesOnly=yes debian@192.0.2.2 env LC_ALL=C sudo -n sh -s",
    );
    assert.match(
      (await sent("plan.sh")) ?? "",
      /'hostinger \/opt\/p24-infra\/hostinger root:root 640 hostinger 120 -'/,
    );
  });

  it("only shows with --dry-run", async () => {
    const { code, printed } = await install({ "dry-run": true });
    assert.equal(code, EXIT.ok);
    assert.match(printed, /change {3}identity/);
    assert.equal(await sent("apply.sh"), undefined);
  });

  it("asks for --yes where there is no terminal, and changes nothing", async () => {
    const tty = Object.getOwnPropertyDescriptor(process.stdin, "isTTY");
    Object.defineProperty(process.stdin, "isTTY", { value: false, configurable: true });
    try {
      assert.deepEqual(await faultsOfAsync(install()), [
        "host vps-i1: there is no terminal to ask on; nothing was changed. Repair: --yes does what is shown above, --dry-run only shows it",
      ]);
    } finally {
      Object.defineProperty(process.stdin, "isTTY", tty ?? { value: undefined, configurable: true });
    }
    assert.equal(await sent("apply.sh"), undefined);
  });

  it("does not ask when nothing is to be done, and knows a pinned host by its identity", async () => {
    await put(clone.root, "Pulumi.test.yaml", settings("ssh-ed25519 AAAApinned"));
    await put(clone.root, ".sops.yaml", rules(clone, "age1known"));
    await answer({ plan: SETTLED });
    const { code, printed } = await install();
    assert.deepEqual([code, printed.includes("Next:")], [EXIT.ok, false]);
    assert.equal(await sent("known"), "vps-i1 ssh-ed25519 AAAApinned\n");
    assert.equal(await sent("apply.sh"), undefined);
  });

  it("names rekey when the host has another identity than git knows", async () => {
    await put(clone.root, "Pulumi.test.yaml", settings("ssh-ed25519 AAAApinned"));
    await put(clone.root, ".sops.yaml", rules(clone, "age1former"));
    await answer({ plan: SETTLED });
    const { code, printed } = await install();
    assert.deepEqual([code, printed.split("Next:\n")[1]], [EXIT.ok, "  npm run p24 -- rekey vps_i1 age1known"]);
  });

  it("answers a program in JSON", async () => {
    const { code, printed } = await install({ yes: true, json: true });
    assert.equal(code, EXIT.ok);
    assert.deepEqual(JSON.parse(printed), {
      host: "vps-i1",
      steps: [
        { state: "ok", step: "tools", text: "openssl 3.0.19" },
        { state: "change", step: "identity", text: "makes /root/.age/secrets.key" },
        { state: "done", step: "identity", text: "makes /root/.age/secrets.key" },
      ],
      holes: [],
      recipient: "age1fresh",
      hostKey: "ssh-ed25519 AAAAhost",
      faults: [],
      next: NEXT,
    });
  });

  it("ends with 5 for a hole, and warns of it", async () => {
    await answer({ plan: `hole claude-admin is in the group docker. Repair: leave it\n${SETTLED}` });
    const { code, errors } = await install();
    assert.deepEqual(
      [code, errors],
      [EXIT.blocked, "warning: claude-admin is in the group docker. Repair: leave it\n"],
    );
  });

  const blocked: readonly [string, Readonly<Record<string, string>>, string, Invocation["options"]?][] = [
    [
      "what the host refuses",
      { plan: `refused tools docker is missing. Repair: apt-get install docker.io\n${CHANGE}`, "plan.code": "3" },
      "host vps-i1: tools: docker is missing. Repair: apt-get install docker.io\n",
    ],
    [
      "what failed there",
      {
        apply: "change age installs age\nfailed age installs age\nend\n",
        "apply.code": "1",
        "apply.err": "E: no age\n",
      },
      "E: no age\nhost vps-i1: age: failed: installs age. Repair: see what the host said above; repair it and run again\n",
    ],
    [
      "an answer that was cut off",
      { plan: "ok tools openssl 3.0.19\n", "plan.code": "1" },
      "host vps-i1: ended the connection before its answer was whole. Repair: run again\n",
    ],
    [
      "a login that ssh does not get",
      { plan: "", "plan.code": "255", "plan.err": "root@192.0.2.1: Permission denied (publickey).\n" },
      "root@192.0.2.1: Permission denied (publickey).\nhost vps-i1: did not let root in at 192.0.2.1 port 22; ssh says above " +
        "why. Repair: --admin USER and --identity FILE name another login; ssh -v shows more\n",
    ],
    [
      "a host that ssh does not know",
      { plan: "", "plan.code": "255", "plan.err": "Host key verification failed.\r\n" },
      "Host key verification failed.\r\nhost vps-i1: is not known to ssh, and the settings do not pin it yet. Repair: ssh -p 22 " +
        "root@192.0.2.1 and answer its question, after comparing with the provider's console\n",
    ],
    [
      "a password before sudo",
      { plan: "", "plan.code": "1", "plan.err": "sudo: a password is required\n" },
      "sudo: a password is required\nhost vps-i1: asks debian for a password before sudo. Repair: --admin root, or a rule " +
        "NOPASSWD for debian while this runs\n",
      { admin: "debian" },
    ],
  ];
  for (const [title, files, errors, options] of blocked) {
    it(`ends with 5 for ${title}, and says the repair`, async () => {
      await answer(files);
      const ended = await install({ yes: true, ...options });
      assert.deepEqual([ended.code, ended.errors], [EXIT.blocked, errors]);
    });
  }

  it("says so when there is no ssh", async () => {
    const path = clone.env["PATH"];
    const { binDir } = await import("../../../toolchain/setup.mjs").then(({ ensureToolchain }) =>
      ensureToolchain({ only: ["sops"], quiet: true }),
    );
    clone.env["PATH"] = binDir;
    try {
      assert.match(
        (await install()).errors,
        /^host vps-i1: cannot be reached: there is no ssh on PATH\. Repair: install/,
      );
    } finally {
      clone.env["PATH"] = path;
    }
  });

  it("is refused for a host that the settings do not have, without repeating what was typed", async () => {
    for (const name of ["typed-in-the-wrong-place", "constructor"]) {
      assert.deepEqual(await faultsOfAsync(install({}, name)), [
        "Pulumi.test.yaml: hosts: does not have the one that was named. Repair: p24 host install with one of: vps-i1, vps-h1",
      ]);
    }
  });

  it("is refused for an admin that would be an option of ssh", async () => {
    assert.deepEqual(await faultsOfAsync(install({ admin: "-oProxyCommand=x" })), [
      "--admin: is no user's name. Repair: --admin root",
    ]);
  });

  it("needs the developers and the runner in .sops.yaml, the hosts not yet", async () => {
    await put(
      clone.root,
      ".sops.yaml",
      rules({ ...clone, recipient: "age1placeholder-dev-radieu" }, "age1placeholder-vps-i1"),
    );
    assert.deepEqual(
      (await faultsOfAsync(install())).map((line) => line.split(": still")[0]),
      [".sops.yaml: dev_radieu"],
    );
  });
});
