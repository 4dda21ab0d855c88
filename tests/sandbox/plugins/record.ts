/**
 * Writes what the official plugin answers into conformance tables: `P24_PLUGIN_DIR=DIR npx tsx
 * tests/sandbox/plugins/record.ts TABLE...`. Refuses to record from anything but an official plugin.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isMap, isSeq, parseDocument } from "yaml";
import { pluginUnderTest, startPlugin, type RunningPlugin } from "./harness.js";
import { replay, type Case } from "./replay.js";
import { openBench, type Case as CloudflareCase } from "./replayCloudflare.js";
import type { Plain } from "./wire.js";

type Start = (env: NodeJS.ProcessEnv) => Promise<RunningPlugin>;

/** How the cases of each plugin's tables are replayed. */
const REPLAYS: Readonly<Record<string, (c: unknown, start: Start) => Promise<Plain>>> = {
  command: (c, start) => replay(c as Case, start),
  cloudflare: async (c, start) => {
    const bench = await openBench(start);
    return bench.replay(c as CloudflareCase).finally(() => bench.close());
  },
};

async function record(file: string): Promise<void> {
  const doc = parseDocument(readFileSync(file, "utf8"), { merge: true });
  const name = String(doc.get("plugin"));
  const plugin = pluginUnderTest(name, "");
  if (!plugin.official) throw new Error("recording needs P24_PLUGIN_DIR with the official plugin");
  const started: RunningPlugin[] = [];
  const start: Start = async (env) => {
    const running = await startPlugin(plugin, { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env });
    started.push(running);
    return running;
  };
  const cases = doc.get("cases");
  if (!isSeq(cases)) throw new Error(`${file} has no list of cases`);
  for (const node of cases.items) {
    if (!isMap(node)) continue;
    const answer = doc.createNode(await REPLAYS[name]?.(node.toJS(doc), start));
    node.flow = false;
    node.set("answer", answer);
    await started.pop()?.close();
  }
  writeFileSync(file, doc.toString({ lineWidth: 120, blockQuote: "literal" }));
}

void (async () => {
  for (const file of process.argv.slice(2)) await record(file);
})();
