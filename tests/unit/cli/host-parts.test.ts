/**
 * Proves what a host is sent, how `ssh` is called for it, and how the answer is read. What the script does on a host is
 * proved in tests/lab/install.test.ts.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { readAnswer, renderSteps } from "../../../cli/host/answer.js";
import { type Parts, writeScript } from "../../../cli/host/script.js";
import { targetLine } from "../../../cli/host/site.js";
import { knownHostsLine, type Login, sshArguments } from "../../../cli/host/ssh.js";
import { run } from "../../../core/process.js";

const HOST = join(__dirname, "../../../host");

const PARTS: Parts = {
  host: "vps-i1",
  target_line: "monitoring /opt/p24-infra/monitoring root:root 600 monitoring 120 -",
  user: "claude-admin",
  sync_public: "ssh-ed25519 AAAA",
  signer: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
  observers: "age1one\nage1two\n",
  metrics: "/var/lib/prometheus/node-exporter",
  host_program: "#!/bin/sh\necho 'it''s'\n",
};

describe("the script that a host is sent", () => {
  it("assigns every part and the mode, before the installer", async () => {
    const names = ["mode", ...Object.keys(PARTS)];
    const show = names.map((name) => `printf '%s\\0' "$${name}"\n`).join("");
    const { stdout } = await run("sh", ["-s"], { input: writeScript("plan", PARTS, show) });
    assert.deepEqual(stdout.split("\0").slice(0, -1), ["plan", ...Object.values(PARTS)]);
  });

  it("is the same from a checkout with CRLF", async () => {
    const installer = await readFile(join(HOST, "install"), "utf8");
    const program = await readFile(join(HOST, "p24-host"), "utf8");
    const crlf = (text: string) => text.replaceAll("\n", "\r\n");
    const sent = writeScript("apply", { ...PARTS, host_program: program }, installer);
    assert.equal(sent.includes("\r"), false);
    assert.equal(writeScript("apply", { ...PARTS, host_program: crlf(program) }, crlf(installer)), sent);
  });

  it("assigns everything that the installer asks for", async () => {
    const installer = await readFile(join(HOST, "install"), "utf8");
    const asked = [...installer.matchAll(/"\$\{(\w+):\?\}"/g)].map(([, name]) => name);
    assert.deepEqual(asked.sort(), ["mode", ...Object.keys(PARTS)].sort());
  });

  it("does nothing when it was cut off anywhere", async () => {
    const installer = "main() { echo ran; }\n\nmain\n";
    const whole = writeScript("apply", PARTS, installer);
    for (let length = 0; length < whole.length - 1; length += 1) {
      const { stdout } = await run("sh", ["-s"], { input: whole.slice(0, length) });
      assert.equal(stdout, "", `cut to ${String(length)} of ${String(whole.length)}`);
    }
    assert.equal((await run("sh", ["-s"], { input: whole })).stdout, "ran\n");
  });

  it("ends with the call of its only function that acts", async () => {
    assert.ok((await readFile(join(HOST, "install"), "utf8")).endsWith("}\n\nmain\n"));
  });

  it("has the target's line as the host reads it", () => {
    assert.equal(targetLine({ target: "monitoring" }), PARTS.target_line);
    const install = {
      directory: "/srv/a",
      owner: "app:app",
      mode: "640",
      project: "b",
      timeout: 9,
      postApply: "/bin/c",
    };
    assert.equal(targetLine({ target: "a", install }), "a /srv/a app:app 640 b 9 /bin/c");
  });
});

describe("how ssh is called", () => {
  const host = { address: "192.0.2.1", port: 2222, hostKey: "ssh-ed25519 AAAA" };
  const login: Login = { name: "vps-i1", host, admin: "root" };

  it("for root, with the operator's own configuration", () => {
    assert.deepEqual(sshArguments(login), ["-T", "-a", "-x", "-p", "2222", "root@192.0.2.1", "sh -s"]);
  });

  it("for another admin, through sudo that does not ask, with the identity that was named", () => {
    assert.deepEqual(sshArguments({ ...login, admin: "debian", identity: "/home/o/.ssh/admin" }).slice(5), [
      ...["-i", "/home/o/.ssh/admin", "-o", "IdentitiesOnly=yes"],
      ...["debian@192.0.2.1", "env LC_ALL=C sudo -n sh -s"],
    ]);
  });

  it("for a pinned host, by the pinned identity alone", () => {
    const args = sshArguments(login, "C:\\Users\\First Last\\100%\\known_hosts");
    const options = args.flatMap((arg, at) => (args[at - 1] === "-o" ? [arg] : []));
    assert.deepEqual(options, [
      "HostKeyAlias=vps-i1",
      "StrictHostKeyChecking=yes",
      'UserKnownHostsFile="C:/Users/First Last/100%%/known_hosts"',
      'GlobalKnownHostsFile="C:/Users/First Last/100%%/known_hosts"',
      "CheckHostIP=no",
      "VerifyHostKeyDNS=no",
      "ControlPath=none",
    ]);
  });

  it("and understood by the real ssh", async () => {
    const file = "/nowhere/with a blank/100%/known_hosts";
    const { code, stdout } = await run("ssh", ["-F", "none", "-G", ...sshArguments(login, file)]);
    assert.equal(code, 0);
    const said = new Map(stdout.split("\n").map((line) => line.split(/ (.*)/s, 2) as [string, string]));
    assert.deepEqual(
      ["user", "hostname", "port", "hostkeyalias", "stricthostkeychecking", "forwardagent"].map((name) =>
        said.get(name),
      ),
      ["root", "192.0.2.1", "2222", "vps-i1", "true", "no"],
    );
    assert.match(said.get("userknownhostsfile") ?? "", /with a blank/);
  });

  const lines: readonly [string, string][] = [
    ["ssh-ed25519 AAAA", "vps-i1 ssh-ed25519 AAAA\n"],
    ["rsa-sha2-512 AAAA", "vps-i1 ssh-rsa AAAA\n"],
    ["ecdsa-sha2-nistp256 AAAA", "vps-i1 ecdsa-sha2-nistp256 AAAA\n"],
  ];
  for (const [hostKey, line] of lines) {
    it(`with ${hostKey} pinned as ${JSON.stringify(line)}`, () => {
      assert.equal(knownHostsLine("vps-i1", hostKey), line);
    });
  }
});

describe("a host's answer", () => {
  const STDOUT = [
    "Welcome to Debian",
    "ok tools openssl 3.0.19",
    "change identity makes /root/.age/secrets.key",
    "done identity makes /root/.age/secrets.key",
    "hole claude-admin is in the group docker. Repair: gpasswd --delete claude-admin docker",
    "public age1abc",
    "hostkey ssh-ed25519 AAAA+/=",
    "end",
    "",
  ];

  it("is read line by line; what a login shell says around it is dropped", () => {
    assert.deepEqual(readAnswer("host a", STDOUT.join("\n")), {
      steps: [
        { state: "ok", step: "tools", text: "openssl 3.0.19" },
        { state: "change", step: "identity", text: "makes /root/.age/secrets.key" },
        { state: "done", step: "identity", text: "makes /root/.age/secrets.key" },
      ],
      holes: ["claude-admin is in the group docker. Repair: gpasswd --delete claude-admin docker"],
      recipient: "age1abc",
      hostKey: "ssh-ed25519 AAAA+/=",
      faults: [],
    });
  });

  it("becomes faults with their repair, one for each that was refused or failed", () => {
    const { faults } = readAnswer(
      "host a",
      "refused tools docker is missing. Repair: apt-get install docker.io\nfailed age installs the Debian package age\nend\n",
    );
    assert.deepEqual(faults, [
      { where: "host a", name: "tools", what: "docker is missing", repair: "apt-get install docker.io" },
      {
        where: "host a",
        name: "age",
        what: "failed: installs the Debian package age",
        repair: "see what the host said above; repair it and run again",
      },
    ]);
  });

  it("that was cut off is a fault", () => {
    assert.deepEqual(
      readAnswer("host a", STDOUT.slice(0, 3).join("\n")).faults.map(({ what }) => what),
      ["ended the connection before its answer was whole"],
    );
  });

  it("cannot move the operator's cursor", () => {
    const { holes } = readAnswer("host a", "hole \u001b[2Jgone\nend\n");
    assert.deepEqual(holes, ["?[2Jgone"]);
  });

  it("is shown in columns", () => {
    const { steps } = readAnswer("host a", STDOUT.join("\n"));
    assert.equal(
      renderSteps(steps.slice(0, 2)),
      "  ok       tools     openssl 3.0.19\n  change   identity  makes /root/.age/secrets.key",
    );
    assert.equal(renderSteps([]), "");
  });
});
