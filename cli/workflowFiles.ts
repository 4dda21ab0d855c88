import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { FaultList, FaultsError } from "../core/fault.js";
import type { WorkflowText } from "../core/workflows/workflow.js";

const WORKFLOWS = ".github/workflows";
const ACTIONS = ".github/actions";

/**
 * Reads a checkout's workflows, and the composite actions at its root and below `.github/actions`. Throws a FaultsError when
 * there are no workflows, or a file is no UTF-8 text.
 */
export async function readWorkflowFiles(directory: string): Promise<WorkflowText[]> {
  const workflows = await readdir(join(directory, WORKFLOWS), { withFileTypes: true }).catch(() => {
    throw new FaultsError([
      { where: directory, what: `has no ${WORKFLOWS}`, repair: "name the folder of a checkout that has one" },
    ]);
  });
  const actions = await readdir(join(directory, ACTIONS), { withFileTypes: true, recursive: true }).catch(() => []);
  const top = await readdir(directory, { withFileTypes: true });
  const paths = [
    ...workflows
      .filter((item) => item.isFile() && /\.ya?ml$/.test(item.name))
      .map(({ name }) => `${WORKFLOWS}/${name}`),
    ...[...actions, ...top]
      .filter((item) => item.isFile() && /^action\.ya?ml$/.test(item.name))
      .map((item) => pathFrom(directory, item.parentPath, item.name)),
  ];
  const faults = new FaultList();
  const files = await Promise.all(paths.sort().map((path) => faults.collectAsync(readOne(directory, path))));
  faults.throwIfAny();
  return files.flatMap((file) => file ?? []);
}

/** The path from `directory`, with slashes on every system. */
function pathFrom(directory: string, folder: string, name: string): string {
  return join(folder, name)
    .slice(join(directory, "x").length - 1)
    .replaceAll("\\", "/");
}

async function readOne(directory: string, path: string): Promise<WorkflowText> {
  const bytes = await readFile(join(directory, path));
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) {
    throw new FaultsError([{ where: path, what: "is not text in UTF-8", repair: "save it as UTF-8" }]);
  }
  return { path, text };
}

/** Writes changed files, each whole or not at all: beside itself first, then renamed. Their modes stay. */
export async function writeWorkflowFiles(directory: string, files: readonly WorkflowText[]): Promise<void> {
  for (const { path, text } of files) {
    const file = join(directory, path);
    const beside = `${file}.p24-${String(process.pid)}`;
    try {
      await writeFile(beside, text, { mode: (await stat(file)).mode });
      await rename(beside, file);
    } catch {
      await rm(beside, { force: true });
      throw new FaultsError([{ where: path, what: "cannot be written", repair: "look at its rights, and run again" }]);
    }
  }
}
