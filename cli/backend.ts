import { z } from "zod";

import { run } from "../core/process.js";

const listSchema = z.array(z.object({ name: z.string() }));

/** What the backend of an opened stack's environment says. */
export interface Backend {
  /** Its address without parameters; empty when none is set. */
  readonly shown: string;
  /** The names of its stacks; `undefined` when it does not answer. */
  readonly stacks: readonly string[] | undefined;
}

/** Asks the backend for its stacks of this project. */
export async function listStacks(root: string, env: NodeJS.ProcessEnv): Promise<Backend> {
  const shown = (env["PULUMI_BACKEND_URL"] ?? "").replace(/\?.*/, "");
  const { code, stdout } = await run("pulumi", ["stack", "ls", "--json"], { cwd: root, env });
  if (code !== 0) {
    return { shown, stacks: undefined };
  }
  try {
    return { shown, stacks: listSchema.safeParse(JSON.parse(stdout)).data?.map(({ name }) => name) };
  } catch {
    return { shown, stacks: undefined };
  }
}
