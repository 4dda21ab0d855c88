/**
 * The cloudflare plugin against what the official one answered (cloudflare.*.table.yaml; their headers say which one that
 * was). P24_PLUGIN_DIR=DIR runs all of it against DIR/pulumi-resource-cloudflare instead of the stand-in.
 *
 * Proof limit: behind both stands the emulated Cloudflare of this repository. What the real API answers is taken from the
 * vendor's own client library, and is not tested here.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { pluginUnderTest, type RunningPlugin, startPlugin } from "./harness.js";
import { type Bench, type Case, openBench } from "./replayCloudflare.js";

const standIn = join(__dirname, "../../../sandbox/plugins/cloudflare/pulumi-resource-cloudflare");
const plugin = pluginUnderTest("cloudflare", standIn);

describe(`cloudflare plugin (${plugin.title})`, () => {
  const running = new Map<string, RunningPlugin>();
  let bench: Bench;

  /** One process for all cases of an environment: starting it is the slow part. */
  async function start(env: NodeJS.ProcessEnv): Promise<RunningPlugin> {
    const name = JSON.stringify(env);
    const known = running.get(name);
    if (known !== undefined) return known;
    const started = await startPlugin(plugin, { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env });
    running.set(name, started);
    return started;
  }

  before(async () => {
    bench = await openBench(start);
  });
  after(async () => {
    await Promise.all([...running.values()].map((one) => one.close()));
    await bench.close();
  });

  for (const file of readdirSync(__dirname).filter((name) => /^cloudflare\..*\.table\.yaml$/.test(name))) {
    const { cases } = parse(readFileSync(join(__dirname, file), "utf8"), { merge: true }) as { cases: Case[] };
    describe(file.split(".")[1] ?? file, () => {
      for (const c of cases) {
        it(c.it, async () => {
          assert.deepEqual(await bench.replay(c), plugin.official ? c.answer : (c.standIn ?? c.answer));
        });
      }
    });
  }
});
