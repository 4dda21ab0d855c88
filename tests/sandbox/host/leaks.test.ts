import { strict as assert } from "node:assert";
import { chmodSync, readdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { applyInterrupted } from "./interrupted.js";
import type { Draft } from "./seal.js";
import { apply, observe, on, openObservation, type Ran, runProgram, startTestHost, type TestHost } from "./support.js";

const CANARY = "cnry5e0c2f";

/** Every value, ours and other people's, is a canary: it may be in .env and .env.previous, and nowhere else. */
describe("host program: no value gets out", () => {
  let host: TestHost;
  const printed: string[] = [];
  beforeEach(async () => {
    host = await startTestHost();
    printed.length = 0;
  });
  afterEach(() => host.close());

  const env = (word: string) => `WEB_PASSWORD='${CANARY} ${word}\n${CANARY}'\nQUEUE_PASSWORD=${CANARY}${word}\n`;
  const keep = (ran: Ran) => {
    printed.push(ran.stdout, ran.stderr);
    return ran;
  };
  const run = async (text: string, draft?: Draft) => keep(await apply(host, text, draft));

  function files(folder: string): string[] {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? files(path) : entry.isFile() ? [path] : [];
    });
  }

  function findings(): string[] {
    const inFiles = files(host.base).filter(
      (path) => !/\.env(\.previous)?$/.test(path) && readFileSync(path).includes(CANARY),
    );
    const said = printed.filter((text) => text.includes(CANARY) || Buffer.from(text, "base64").includes(CANARY));
    return [...inFiles, ...said];
  }

  /** A tool that notes its arguments and environment, as everybody on the host can see them. */
  function spy(tool: string, real: string): void {
    const path = on(host, `usr/local/bin/${tool}`);
    const own = readdirSync(on(host, "usr/local/bin")).includes(tool);
    if (own) {
      renameSync(path, `${path}.real`);
    }
    const program = own ? `${path}.real` : real;
    writeFileSync(
      path,
      `#!/bin/sh\nprintf '%s\\n' "$@" >> '${host.base}/seen'\n/usr/bin/env >> '${host.base}/seen'\nexec "${program}" "$@"\n`,
    );
    chmodSync(path, 0o755);
  }

  it("in files, output, arguments and environments of all ways that an apply can end", async () => {
    for (const tool of [
      "awk",
      "age",
      "docker",
      "openssl",
      "cat",
      "cmp",
      "stat",
      "mv",
      "sync",
      "sha256sum",
      "timeout",
    ]) {
      spy(tool, `/usr/bin/${tool}`);
    }
    assert.equal((await run(env("one"))).code, 0);
    assert.equal((await run(env("one"))).code, 0);
    assert.equal((await run(env("two"))).code, 0);
    assert.equal((await run(env("unhealthy"))).code, 32);
    assert.equal((await run(`${env("three")}COMPOSE_FILE=${CANARY}\n`)).code, 21);
    assert.equal((await run(env("three"), { names: ["WEB_PASSWORD"] })).code, 14);
    assert.equal((await run(`${env("three")}garbage ${CANARY}\n`)).code, 14);
    assert.equal((await run(`WEB_PASSWORD='${CANARY}\n`)).code, 14);
    host.writeEnv("app", `${env("one")}SOMEBODYS=${CANARY}\n`);
    assert.equal((await run(env("two"))).code, 22);
    keep(await runProgram(host.program, ["observe", "app"]));
    host.writeEnv("app", env("one"));
    writeFileSync(join(host.dir("app"), "compose.yaml"), "services: {web: {image: x, env_file: .env, nonsense: 1}}\n");
    assert.equal((await run(env("two"))).code, 31);
    assert.ok(statSync(join(host.base, "seen")).size > 10_000);
    assert.deepEqual(findings(), []);
  });

  it("in what a killed apply left, once the next one ran", async () => {
    assert.equal((await run(env("one"))).code, 0);
    for (let time = 0; time < 6; time += 1) {
      keep(await applyInterrupted(host, env(`killed${String(time)}`), 40 + time * 15));
    }
    assert.equal((await run(env("two"))).code, 0);
    assert.deepEqual(findings(), []);
  });

  it("in an observation: of a file and of processes with other people's values", async () => {
    const mine = "WEB_PASSWORD=mine\nQUEUE_PASSWORD=mine\n";
    assert.equal((await run(mine)).code, 0);
    const theirs = `SECRET_A=${CANARY}\nSECRET_B='${CANARY}\nWEB_PASSWORD=${CANARY}'\nSECRET_C: "${CANARY}" # ${CANARY}\nSECRET_D='${CANARY}`;
    host.writeEnv("app", `${mine}${theirs}\nWEB_PASSWORD=${CANARY}`);
    assert.ok(!(await observe(host)).includes(CANARY));
    // A container that got other people's values from its file has them in its environment too.
    host.writeEnv("app", `${mine}SECRET_A=${CANARY}\n`);
    const args = [
      "compose",
      "--project-directory",
      host.dir("app"),
      "-p",
      "app",
      "up",
      "-d",
      "--wait",
      "--wait-timeout",
      "5",
    ];
    assert.equal(
      (await runProgram(realpathSync(on(host, "usr/local/bin/docker")), args, "", { PATH: process.env["PATH"] })).code,
      0,
    );
    assert.equal((await host.services("app")).find(({ name }) => name === "web")?.env["SECRET_A"], CANARY);
    const { stdout } = await runProgram(host.program, ["observe", "app"]);
    const opened = await openObservation(host, stdout);
    assert.ok(!opened.includes(CANARY), opened);
    assert.match(opened, /^name SECRET_A$/m);
  });

  it("the search finds a planted value", () => {
    writeFileSync(on(host, "var/lib/p24-host/planted"), `x${CANARY}x`);
    printed.push(`x${CANARY}x`);
    assert.equal(findings().length, 2);
  });
});
