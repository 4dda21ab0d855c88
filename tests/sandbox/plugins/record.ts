/**
 * Writes what the official plugin answers into conformance tables: `P24_PLUGIN_DIR=DIR npx tsx
 * tests/sandbox/plugins/record.ts TABLE...`. Refuses to record from anything but an official plugin.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { isMap, isSeq, parseDocument } from "yaml";
import { pluginUnderTest, startPlugin, type RunningPlugin } from "./harness.js";
import { replay, type Case } from "./replay.js";

async function record(file: string): Promise<void> {
  const doc = parseDocument(readFileSync(file, "utf8"));
  const plugin = pluginUnderTest(String(doc.get("plugin")), "");
  if (!plugin.official) throw new Error("recording needs P24_PLUGIN_DIR with the official plugin");
  const started: RunningPlugin[] = [];
  const start = async (env: NodeJS.ProcessEnv): Promise<RunningPlugin> => {
    const running = await startPlugin(plugin, { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env });
    started.push(running);
    return running;
  };
  const cases = doc.get("cases");
  if (!isSeq(cases)) throw new Error(`${file} has no list of cases`);
  for (const node of cases.items) {
    if (!isMap(node)) continue;
    const answer = doc.createNode(await replay(node.toJS(doc) as Case, start));
    node.flow = false;
    node.set("answer", answer);
    await started.pop()?.close();
  }
  writeFileSync(file, doc.toString({ lineWidth: 120, blockQuote: "literal" }));
}

void (async () => {
  for (const file of process.argv.slice(2)) await record(file);
})();
