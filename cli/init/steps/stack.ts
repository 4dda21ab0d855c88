import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { parseDocument } from "yaml";
import { z } from "zod";

import { FaultsError } from "../../../core/fault.js";
import { replaceFile } from "../../../core/files.js";
import { run } from "../../../core/process.js";
import { listStacks } from "../../backend.js";
import { openStack } from "../../stack.js";
import { done, human, type Look, type Site, type Step, toDo } from "../step.js";
import { openOf, waitsFor } from "../walk.js";

const saltSchema = z.object({
  deployment: z.object({ secrets_providers: z.object({ state: z.object({ salt: z.string() }) }) }),
});

/** The backend answers, has the stack, and the settings hold the salt of its passphrase. */
export const stack: Step = {
  name: "stack",
  async look(site, earlier) {
    const open = openOf(
      earlier,
      "own values",
      "values stack",
      ...earlier.map(({ step }) => step).filter((one) => one.startsWith("host ")),
    );
    if (open.length > 0) {
      return waitsFor(open);
    }
    const opened = await openStack(site.root, site.stack, site.env);
    try {
      return await lookAt(site, opened.context.env);
    } finally {
      await opened.close();
    }
  },
};

async function lookAt(site: Site, env: NodeJS.ProcessEnv): Promise<Look> {
  const { shown, stacks } = await listStacks(site.root, env);
  const folder = shown.startsWith("file://") ? folderOf(shown) : undefined;
  if (folder !== undefined && !existsSync(folder)) {
    return toDo(`makes the folder ${folder} and in it the stack ${site.stack}`, async () => {
      await mkdir(folder, { recursive: true });
      await within(site, init);
    });
  }
  if (stacks === undefined) {
    return backendDown(shown);
  }
  if (!stacks.includes(site.stack)) {
    return toDo(`makes the stack ${site.stack} in ${shown}`, () => within(site, init));
  }
  if (!(await hasSalt(site))) {
    return toDo(`takes the salt of the stack's passphrase over into ${site.settingsFile}`, () =>
      within(site, takeSalt),
    );
  }
  return done(`${site.stack} in ${shown}`);
}

/** pulumi takes a path as it stands behind `file://`. */
function folderOf(url: string): string {
  return /^file:\/\/\/[A-Za-z]:/.test(url) && process.platform === "win32"
    ? fileURLToPath(url)
    : url.slice("file://".length);
}

function backendDown(shown: string): Look {
  if (shown.startsWith("s3://")) {
    const bucket = shown.slice("s3://".length);
    return human(
      `the backend ${shown} does not answer`,
      `make the bucket ${bucket}, and a user that may read, write and list in it alone`,
      "its pair of keys: backend_access_key_id and backend_secret_access_key, with init --values",
      "npm run p24 -- exec -- pulumi stack ls    shows why",
    );
  }
  return human(
    `the backend ${shown === "" ? "(none is set)" : shown} does not answer`,
    "npm run p24 -- exec -- pulumi stack ls    shows why",
  );
}

async function hasSalt({ root, settingsFile }: Site): Promise<boolean> {
  return parseDocument(await readFile(join(root, settingsFile), "utf8")).has("encryptionsalt");
}

/** An act opens the stack anew: what its look had opened is closed. */
async function within(site: Site, act: (site: Site, env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  const opened = await openStack(site.root, site.stack, site.env);
  try {
    await act(site, opened.context.env);
  } finally {
    await opened.close();
  }
}

async function init({ root, stack: name }: Site, env: NodeJS.ProcessEnv): Promise<void> {
  const { code } = await run("pulumi", ["stack", "init", name, "--non-interactive"], { cwd: root, env });
  if (code !== 0) {
    const what = `pulumi could not make it (its exit code is ${String(code)})`;
    throw new FaultsError([
      { where: `stack ${name}`, what, repair: `npm run p24 -- exec -- pulumi stack init ${name}` },
    ]);
  }
}

/** A run that was killed between the backend and the settings file left the stack without it. The state has the same salt. */
async function takeSalt({ root, stack: name, settingsFile }: Site, env: NodeJS.ProcessEnv): Promise<void> {
  const { stdout } = await run("pulumi", ["stack", "export", "--stack", name, "--non-interactive"], { cwd: root, env });
  let salt: string | undefined;
  try {
    salt = saltSchema.safeParse(JSON.parse(stdout)).data?.deployment.secrets_providers.state.salt;
  } catch {
    // not JSON: the fault below says so
  }
  if (salt === undefined) {
    const repair = `npm run p24 -- exec -- pulumi stack rm ${name}, when it is empty; then init again`;
    throw new FaultsError([{ where: `stack ${name}`, what: "has no salt of a passphrase in its state", repair }]);
  }
  const path = join(root, settingsFile);
  const text = await readFile(path, "utf8");
  await replaceFile(path, `${text.endsWith("\n") ? text : `${text}\n`}encryptionsalt: ${salt}\n`);
}
