/**
 * The command plugin against what the official one answered (command.*.table.yaml), and the few behaviours that are a
 * matter of time. P24_PLUGIN_DIR=DIR runs all of it against DIR/pulumi-resource-command instead of the stand-in.
 *
 * Proof limit: the host is ssh2 on loopback, not OpenSSH; `perDialTimeout` has no test, because loopback drops nothing.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CreateRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import type { CreateResponse } from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { ask, pluginUnderTest, startPlugin, type RunningPlugin } from "./harness.js";
import { replay, type Case } from "./replay.js";
import { startSshHost } from "./sshHost.js";

const standIn = join(__dirname, "../../../sandbox/plugins/command/pulumi-resource-command");
const plugin = pluginUnderTest("command", standIn);

describe(`command plugin (${plugin.title})`, () => {
  const running = new Map<string, RunningPlugin>();

  /** One process for all cases of an environment: starting it is the slow part. */
  async function start(env: NodeJS.ProcessEnv): Promise<RunningPlugin> {
    const name = JSON.stringify(env);
    const known = running.get(name);
    if (known !== undefined) return known;
    const started = await startPlugin(plugin, { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env });
    running.set(name, started);
    return started;
  }

  after(async () => {
    await Promise.all([...running.values()].map((r) => r.close()));
  });

  for (const file of readdirSync(__dirname).filter((f) => /^command\..*\.table\.yaml$/.test(f))) {
    const { cases } = parse(readFileSync(join(__dirname, file), "utf8")) as { cases: Case[] };
    describe(file.split(".")[1] ?? file, () => {
      for (const c of cases) {
        it(c.it, async () => {
          assert.deepEqual(await replay(c, start), plugin.official ? c.answer : (c.standIn ?? c.answer));
        });
      }
    });
  }

  const connecting = (port: number, dialErrorLimit: number): CreateRequest =>
    new CreateRequest().setUrn("urn:pulumi:test::p24::command:remote:Command::job").setProperties(
      Struct.fromJavaScript({
        create: "echo hi",
        connection: { host: "127.0.0.1", port, user: "ops", dialErrorLimit, perDialTimeout: 5 },
      }),
    );
  const create = ({ client }: RunningPlugin, request: CreateRequest): Promise<CreateResponse> =>
    ask<CreateRequest, CreateResponse>((q, done) => client.create(q, done), request);

  it("waits 0.1 s before the second attempt and half as much again before each further one", async () => {
    const host = await startSshHost({ drop: 4 });
    try {
      await create(await start({}), connecting(host.port, 4));
      const gaps = host.dials.slice(1).map((time, i) => time - (host.dials[i] ?? 0));
      assert.equal(gaps.length, 4);
      for (const [i, expected] of [100, 150, 225, 337.5].entries()) {
        const gap = gaps[i] ?? 0;
        assert.ok(gap >= expected - 5 && gap < expected + 1000, `${String(gap)} ms instead of ${String(expected)}`);
      }
    } finally {
      await host.close();
    }
  });

  it("stops waiting when the engine cancels", async () => {
    const own = await startPlugin(plugin, { PATH: process.env["PATH"], HOME: process.env["HOME"] });
    try {
      const waiting = create(own, connecting(1, -1));
      const refused = assert.rejects(waiting, (err: { code: number; details: string }) => {
        assert.deepEqual([err.code, err.details], [1, "context canceled"]);
        return true;
      });
      const logged = async (): Promise<void> => {
        while (own.logs.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await Promise.race([refused, logged()]);
      await ask<Empty, Empty>((q, done) => own.client.cancel(q, done), new Empty());
      await refused;
    } finally {
      await own.close();
    }
  });
});
