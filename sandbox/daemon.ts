/** The process behind `npm run sandbox`: holds the whole world until it is told to stop. Started by sandbox/main.ts. */
import { writeFile } from "node:fs/promises";

import { type Control, startControl } from "./world/control.js";
import { addActions } from "./world/actions.js";
import { startWorld } from "./world/world.js";

async function main(dir: string, checkout: string): Promise<void> {
  const control: Control = await startControl();
  const world = await startWorld({ dir, checkout, control });
  const stop = async () => {
    await world.close();
    await control.close();
    process.exit(0);
  };
  addActions(control.actions, world, () => setImmediate(() => void stop()));
  process.once("SIGTERM", () => void stop());
  const state = { pid: process.pid, url: control.url, credential: control.credential };
  await writeFile(world.paths.stateFile, JSON.stringify(state), { mode: 0o600 });
}

main(process.argv[2] ?? "", process.argv[3] ?? "").catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
