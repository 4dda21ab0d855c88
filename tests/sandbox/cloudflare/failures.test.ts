/**
 * Proves what a failure at Cloudflare leaves: a gateway that works as before or as git wants it, a ledger that knows which, a
 * red run that names it; and that the zone's credential comes out nowhere meanwhile. Proof limit: Cloudflare and its plugin
 * are this repository's stand-ins.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { GATEWAY_HOST, newZoneToken, WORKER } from "../../../sandbox/world/cloudflare.js";
import { commit, inWorktree, p24, removeSecret, rotate, up } from "../../../sandbox/world/engine.js";
import { convergedOutput, head } from "../../support/program.js";
import { boundCredential, look, PLACE, takeWrites, useGateway, workerOf } from "./gateway.js";

const SCRIPTS = `/accounts/*/workers/scripts/${WORKER}`;

describe("a failure at Cloudflare", () => {
  const world = useGateway();
  /** Everything that any command printed. */
  let printed = "";
  const credentials: string[] = [];

  before(() => {
    world().heard = ({ stdout, stderr }) => {
      printed += stdout + stderr;
    };
    credentials.push(world().secrets.stack["cloudflare_zone_token"] ?? "");
  });
  afterEach(() => {
    world().cloudflare.clearFaults();
  });

  const current = () => credentials.at(-1) ?? "";
  async function red(expected: RegExp): Promise<string[]> {
    takeWrites(world());
    const done = await up(world());
    assert.notEqual(done.code, 0);
    assert.match(done.stdout + done.stderr, expected);
    return takeWrites(world());
  }
  async function green(): Promise<string[]> {
    takeWrites(world());
    const done = await up(world());
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.equal(await convergedOutput(world()), await head(world()));
    return takeWrites(world()).map((write) => write.replace(/^\w+ \/accounts\/A\/workers\//, ""));
  }

  it("of the host name at the first run: the rest is done, and only the host name is left to do", async () => {
    world().cloudflare.inject({ method: "PUT", path: "/accounts/*/workers/domains", status: 500, times: Infinity });
    await red(/^Not equal to git: cloudflare:p24-dns-gateway\.$/m);
    assert.equal(await convergedOutput(world()), "");
    assert.ok(boundCredential(world()) === current());
    assert.deepEqual((await look(world())).open, [`domain ${GATEWAY_HOST} missing`]);
    world().cloudflare.clearFaults();
    assert.deepEqual(await green(), ["domains"]);
  });

  it("of an upload: nothing is bound, and what is deployed stays", async () => {
    world().cloudflare.setBinding(WORKER, { name: "POLICY", type: "plain_text", text: "{}" });
    const before = workerOf(world());
    world().cloudflare.inject({ method: "PUT", path: SCRIPTS, status: 500, times: Infinity });
    await red(/^Not equal to git: cloudflare:p24-dns-gateway\.$/m);
    assert.deepEqual(workerOf(world()), before);
    world().cloudflare.clearFaults();
    assert.deepEqual(await green(), [`scripts/${WORKER}`, `scripts/${WORKER}/secrets`]);
  });

  it("of the binding after an upload: the Worker has git's script and, still, its credential", async () => {
    const file = join(world().paths.work, "Pulumi.sandbox.yaml");
    const settings = await readFile(file, "utf8");
    await writeFile(file, settings.replace("- workflow_dispatch", "- schedule"));
    await commit(world(), "feat(gateway): scheduled jobs instead of those started by hand");
    world().cloudflare.inject({ method: "PUT", path: `${SCRIPTS}/secrets`, status: 403, times: Infinity });
    await red(/the credential is not valid, or may not read and write the account's Workers \(403\)/);
    const { bindings } = workerOf(world());
    assert.match(bindings.find(({ name }) => name === "POLICY")?.text ?? "", /"schedule"/);
    assert.ok(boundCredential(world()) === current(), "an upload keeps the credential");
    assert.deepEqual((await look(world())).open, ["zone credential differs"]);
    world().cloudflare.clearFaults();
    assert.deepEqual(await green(), [`scripts/${WORKER}`, `scripts/${WORKER}/secrets`]);
  });

  it("a rotation to a credential that does not open the zone binds nothing, and says which", async () => {
    const dead = newZoneToken(world().cloudflare);
    world().cloudflare.revoke(dead);
    credentials.unshift(dead);
    await rotate(world(), "stack", "cloudflare_zone_token", dead);
    const writes = await red(
      /secrets\/stack\.sops\.yaml: cloudflare_zone_token: does not open the zone of the settings \(403\); the Worker keeps the former one/,
    );
    assert.deepEqual(writes, []);
    assert.ok(boundCredential(world()) === current());
    credentials.push(newZoneToken(world().cloudflare));
    await rotate(world(), "stack", "cloudflare_zone_token", current());
    assert.deepEqual(await green(), [`scripts/${WORKER}/secrets`]);
    assert.ok(boundCredential(world()) === current());
  });

  it("Cloudflare does not answer: a line in the report, nothing written, and nothing of the gateway forgotten", async () => {
    world().cloudflare.inject({ path: "**", status: 503, times: Infinity });
    const { report, changes } = await look(world());
    assert.match(report, new RegExp(`^${PLACE} +unreachable \\(unreachable\\) +5 unreachable$`, "m"));
    assert.match(
      report,
      /! Cloudflare Worker p24-dns-gateway: Cloudflare answered 503\. Repair: see cloudflarestatus\.com/,
    );
    assert.deepEqual(changes, []);
    await red(/Cloudflare answered 503/);
    world().cloudflare.clearFaults();
    assert.deepEqual(await green(), []);
  });

  it("a deploy credential that was deleted: said with its repair", async () => {
    const env = { CLOUDFLARE_API_TOKEN: newZoneToken(world().cloudflare) };
    const { stdout } = await inWorktree(world(), "pulumi", ["preview", "--non-interactive"], { env });
    assert.match(stdout, /Repair: give cloudflare_deploy_token the permission Workers Scripts: Edit on the account/);
  });

  it("the command that binds does so only as the engine has planned it", async () => {
    takeWrites(world());
    const bind = (input: string) =>
      inWorktree(world(), process.execPath, ["cli/p24.mjs", "gateway", "bind", "--stack", "sandbox"], { input });
    for (const input of ["", "{}", current()]) {
      const { code, stdout, stderr } = await bind(input);
      assert.deepEqual(
        [code, stdout, stderr],
        [
          3,
          "",
          "stdin: does not name the credential that was planned. Repair: npm run up, which runs this with what it has planned\n",
        ],
      );
    }
    const other = await bind(JSON.stringify({ fingerprint: "0".repeat(64), over: "nothing" }));
    assert.equal(other.code, 3);
    assert.match(
      other.stderr,
      /^secrets\/stack\.sops\.yaml: cloudflare_zone_token: is not the one that this run has planned to bind\. Repair: npm run up again/,
    );
    assert.deepEqual(takeWrites(world()), []);
  });

  it("one credential for both ends is refused before anything is asked", async () => {
    await rotate(world(), "stack", "cloudflare_zone_token", world().secrets.stack["cloudflare_deploy_token"] ?? "");
    const same = await p24(world(), "status");
    assert.equal(same.code, 3);
    assert.match(
      same.stderr,
      /^secrets\/stack\.sops\.yaml: cloudflare_zone_token: is the same as cloudflare_deploy_token/,
    );
  });

  it("without a credential the run says so, and without the section the gateway goes on working", async () => {
    await removeSecret(world(), "stack", "cloudflare_zone_token");
    const missing = await p24(world(), "status");
    assert.equal(missing.code, 3);
    assert.match(
      missing.stderr,
      /^secrets\/stack\.sops\.yaml: cloudflare_zone_token: is missing, and the settings have a gateway/,
    );
    const before = workerOf(world());
    const file = join(world().paths.work, "Pulumi.sandbox.yaml");
    const settings = await readFile(file, "utf8");
    await writeFile(file, settings.replace(/^ {2}p24-infra:cloudflare:\n(?: {4}.*\n)+/m, ""));
    await commit(world(), "feat(gateway)!: no gateway");
    assert.deepEqual(await green(), []);
    assert.deepEqual(workerOf(world()), before);
  });

  it("no credential came out: not in the state with its secrets opened, not in what was printed or asked", async () => {
    const { stdout } = await inWorktree(world(), "pulumi", ["stack", "export", "--show-secrets"]);
    const history = await inWorktree(world(), "pulumi", ["stack", "history", "--json", "--show-secrets"]);
    const asked = JSON.stringify([world().cloudflare.requests, world().fence.refused]);
    for (const [at, credential] of credentials.entries()) {
      assert.ok(credential.length >= 40);
      const places = { stdout, history: history.stdout, printed, asked };
      const found = Object.entries(places).filter(
        ([, text]) => text.includes(credential) || text.includes(credential.slice(8, 32)),
      );
      assert.deepEqual(
        found.map(([place]) => place),
        [],
        `credential ${String(at)}`,
      );
    }
    assert.ok(printed.includes("cloudflare:p24-dns-gateway"), "the search looked at what was printed");
  });
});
