import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { generateX25519Identity, identityToRecipient } from "age-encryption";

/** Makes a fresh age identity, writes it to `NAME.txt` (0600) and gives its recipient. */
export async function makeIdentity(folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeFile(join(folder, `${name}.txt`), `# public part: ${recipient}\n${identity}\n`, { mode: 0o600 });
  return recipient;
}
