import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { sealDraft } from "./seal.js";
import { linkTools, moveAway, wrapProgram, writeOver } from "./spoil.js";
import { apply, assertRefused, on, startTestHost, type TestHost } from "./support.js";
import { needs } from "../../support/needs.js";

const FORMER = "WEB_PASSWORD=former\nQUEUE_PASSWORD=former\n";
const NEW = "WEB_PASSWORD=new\nQUEUE_PASSWORD=new\n";

/** What the host itself is not in order for: docs/host-protocol.md, exits 10-12, 19, 23, 30, 35. Nothing is touched. */
describe("host program: refusals because of the host", () => {
  let host: TestHost;
  before(async () => {
    host = await startTestHost({ timeout: 3 });
    const done = await apply(host, FORMER);
    assert.deepEqual([done.code, done.stderr], [0, ""]);
  });
  after(() => host.close());

  /** With `spoil` done to the host, and undone by what it returns. */
  async function refusesSpoilt(
    spoil: () => () => void,
    code: number,
    word: string,
    args = ["apply", "app"],
  ): Promise<void> {
    const input = await sealDraft(host, NEW);
    const undo = spoil();
    try {
      await assertRefused(host, args, input, code, word);
    } finally {
      undo();
    }
  }

  for (const args of [
    [],
    ["apply"],
    ["observe", "app", "app"],
    ["read", "app"],
    ["--help"],
    ["version", "1"],
    ["gate", "app"],
  ]) {
    it(`10: called with [${args.join(" ")}]`, () => assertRefused(host, args, "", 10, "refused command"));
  }

  for (const target of ["other", "App", "../app", "", "-app", "app\nother", "a".repeat(33), "*"]) {
    it(`11: target ${JSON.stringify(target)}`, async () => {
      await assertRefused(host, ["apply", target], "", 11, "refused target");
      await assertRefused(host, ["observe", target], "", 11, "refused target");
    });
  }

  for (const [what, line] of [
    ["twice in the list", "app /opt/p24-infra/app root:root 600 app 5 -"],
    ["too few fields", "app2 /opt/p24-infra/app root:root 600 app"],
    ["too many fields", "app2 /opt/p24-infra/app root:root 600 app 5 - more"],
    ["relative directory", "app2 opt/p24-infra/app root:root 600 app 5 -"],
    ["directory with dots", "app2 /opt/../etc root:root 600 app 5 -"],
    ["no such directory", "app2 /opt/nowhere root:root 600 app 5 -"],
    ["no group", "app2 /opt/p24-infra/app root 600 app 5 -"],
    ["mode for everybody", "app2 /opt/p24-infra/app root:root 644 app 5 -"],
    ["project with capitals", "app2 /opt/p24-infra/app root:root 600 App 5 -"],
    ["no time", "app2 /opt/p24-infra/app root:root 600 app 0 -"],
    ["action that is not there", "app2 /opt/p24-infra/app root:root 600 app 5 /usr/local/sbin/nothing"],
  ] as const) {
    it(`11: a line of the targets file that is unusable: ${what}`, async () => {
      const targets = on(host, "etc/p24-host/targets");
      await refusesSpoilt(() => writeOver(targets, `${readFileSync(targets, "utf8")}${line}\n`), 11, "refused target", [
        "apply",
        line.startsWith("app2") ? "app2" : "app",
      ]);
    });
  }

  for (const path of [
    "etc/p24-host",
    "etc/p24-host/targets",
    "etc/p24-host/signer.pem",
    "var/lib/p24-host",
    "opt/p24-infra/app",
    "opt/p24-infra",
    "opt/p24-infra/app/compose.yaml",
  ]) {
    for (const bits of [0o020, 0o002]) {
      it(`12: /${path} can be written by ${bits === 2 ? "everybody" : "its group"}`, async () => {
        const whole = on(host, path);
        for (const verb of ["apply", "observe"]) {
          await refusesSpoilt(
            () => {
              chmodSync(whole, 0o755 | bits);
              return () => {
                chmodSync(whole, /\.[a-z]+$|targets/.test(path) ? 0o644 : path.startsWith("var") ? 0o700 : 0o755);
              };
            },
            12,
            "refused unsafe-directory",
            [verb, "app"],
          );
        }
      });
    }
  }

  it("12: a directory or a Compose file that belongs to somebody else", async function () {
    needs(this, process.getuid?.() === 0, "root, who alone can give a file away");
    for (const path of ["etc/p24-host", "opt/p24-infra/app", "opt/p24-infra", "opt/p24-infra/app/compose.yaml"]) {
      await refusesSpoilt(
        () => {
          chownSync(on(host, path), 12345, 0);
          return () => {
            chownSync(on(host, path), 0, 0);
          };
        },
        12,
        "refused unsafe-directory",
      );
    }
  });

  it("12: the target's directory or a Compose file is a link", async () => {
    for (const path of ["opt/p24-infra/app", "opt/p24-infra/app/compose.override.yaml"]) {
      await refusesSpoilt(
        () => {
          const whole = on(host, path);
          if (path.endsWith("app")) {
            renameSync(whole, `${whole}.moved`);
            symlinkSync(`${whole}.moved`, whole);
            return () => {
              rmSync(whole);
              renameSync(`${whole}.moved`, whole);
            };
          }
          symlinkSync("/dev/null", whole);
          return () => {
            rmSync(whole);
          };
        },
        12,
        "refused unsafe-directory",
      );
    }
  });

  const identityFile = () => on(host, "root/.age/secrets.key");
  it("19: no identity", () => refusesSpoilt(() => moveAway(identityFile()), 19, "refused identity"));
  for (const bits of [0o644, 0o640, 0o660, 0o604]) {
    it(`19: identity with mode ${bits.toString(8)}`, () =>
      refusesSpoilt(
        () => {
          chmodSync(identityFile(), bits);
          return () => {
            chmodSync(identityFile(), 0o600);
          };
        },
        19,
        "refused identity",
      ));
  }
  it("19: an identity that is none", () =>
    refusesSpoilt(() => writeOver(identityFile(), "AGE-SECRET-KEY-OF-SOMETHING\n"), 19, "refused identity"));
  it("19: observe without a usable observer", async () => {
    const observers = on(host, "etc/p24-host/observers");
    await refusesSpoilt(() => moveAway(observers), 19, "refused identity", ["observe", "app"]);
    for (const text of ["", "# nobody\n", "age1nothing\n"]) {
      await refusesSpoilt(() => writeOver(observers, text), 19, "refused identity", ["observe", "app"]);
    }
  });

  it("23: another apply holds the lock for too long", async () => {
    const holder = spawn("flock", [on(host, "var/lib/p24-host/lock"), "sh", "-c", "echo held; sleep 30"], {
      detached: true,
    });
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    try {
      await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW), 23, "refused busy");
    } finally {
      process.kill(-(holder.pid ?? 0), "SIGKILL");
    }
  });

  it("30: .env is something else than a file", async () => {
    const file = join(host.dir("app"), ".env");
    for (const [make, remove] of [
      [
        () => mkdirSync(file),
        () => {
          rmSync(file, { recursive: true });
        },
      ],
      [
        () => {
          symlinkSync("compose.yaml", file);
        },
        () => {
          rmSync(file);
        },
      ],
    ] as const) {
      host.writeEnv("app", undefined);
      make();
      await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW), 30, "failed write");
      remove();
      host.writeEnv("app", FORMER);
    }
  });

  for (const tool of ["age", "age-keygen", "docker"]) {
    it(`35: ${tool} is missing`, async () => {
      const path = on(host, `usr/local/bin/${tool}`);
      // Another one may be on the machine: the program sees only a folder with links to all tools but this one.
      const bin = linkTools(host, tool).replaceAll("'", "'\\''");
      const program = readFileSync(host.program, "utf8").replace(/^path=.*$/m, () => `path='${bin}'`);
      const undo = writeOver(host.program, program);
      try {
        await refusesSpoilt(() => moveAway(path), 35, `failed tools ${tool}`);
      } finally {
        undo();
      }
    });
  }

  it("35: Docker's daemon does not answer", async () => {
    host.docker.setDaemon(false);
    try {
      await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW), 35, "failed tools docker");
    } finally {
      host.docker.setDaemon(true);
    }
  });

  it("35: an openssl that cannot verify Ed25519", async () => {
    const undo = wrapProgram(host, "openssl", '[ "$1" != version ] || echo "OpenSSL 1.1.1n  15 Mar 2022"; exit 1');
    try {
      await assertRefused(host, ["apply", "app"], await sealDraft(host, NEW), 35, "failed tools openssl");
    } finally {
      undo();
    }
  });

  it("the stand-in for Docker was asked nothing that it does not know", () => {
    assert.deepEqual(host.docker.refused, []);
  });
});
