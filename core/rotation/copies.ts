import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Assessment } from "../assess.js";
import { type Fault, FaultsError } from "../fault.js";
import { headersFor, observeRepository, refusal } from "../observe/github.js";
import { openDeletingDoor, openHttpDoor } from "../observe/http.js";
import { type Copy, linesUsing } from "./retire.js";

/**
 * Where at GitHub a name is that git does not want there. Throws a FaultsError when a repository could not be asked: a copy
 * may be there.
 */
export async function findCopies(name: string, seen: Assessment, env: NodeJS.ProcessEnv): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (const [repository, observed] of seen.repositories) {
    if ("unreachable" in observed) {
      throw new FaultsError([observed.unreachable]);
    }
    const report = seen.reports.find(({ place }) => place === `github:${repository}`);
    const status = report?.names.find((one) => one.name === name)?.status;
    const updatedAt = observed.seen.secrets.get(name);
    if (updatedAt !== undefined && (status === "foreign" || status === "orphan")) {
      copies.push({ repository, status, updatedAt });
    }
  }
  const get = await openHttpDoor();
  for (const full of Object.entries(seen.former).flatMap(([full, names]) => (names.includes(name) ? [full] : []))) {
    const [owner = "", repository = ""] = full.split("/");
    const observed = await observeRepository(get, owner, repository, env);
    if ("unreachable" in observed) {
      throw new FaultsError([observed.unreachable]);
    }
    const updatedAt = observed.seen.secrets.get(name);
    if (updatedAt !== undefined) {
      copies.push({ repository: full, status: "former", updatedAt });
    }
  }
  return copies;
}

/** Deletes one copy; one that is gone already is as good as deleted. Gives what hindered it. */
export async function deleteCopy(
  name: string,
  { repository }: Copy,
  env: NodeJS.ProcessEnv,
): Promise<Fault | undefined> {
  const send = await openDeletingDoor();
  const url = `https://api.github.com/repos/${repository}/actions/secrets/${name}`;
  const answer = await send(url, headersFor(env["GITHUB_TOKEN"] ?? ""));
  return answer.ok || answer.status === 404 ? undefined : refusal(`GitHub ${repository}`, answer);
}

/** Where this repository's own workflows use a secret: `.github/workflows/deploy.yml:12`. */
export async function findUsers(root: string, name: string): Promise<string[]> {
  const folder = ".github/workflows";
  const files = (await readdir(join(root, folder)).catch(() => [])).filter((file) => /\.ya?ml$/.test(file)).sort();
  const found = await Promise.all(
    files.map(async (file) => {
      const lines = linesUsing(await readFile(join(root, folder, file), "utf8"), name);
      return lines.map((line) => `${folder}/${file}:${String(line)}`);
    }),
  );
  return found.flat();
}
