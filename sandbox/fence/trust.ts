/** The files through which clients learn to trust the fence. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

/**
 * Writes two PEM files into a folder, whole or not at all.
 *
 * - `caFile`: the fence's authority and nothing else. For SSL_CERT_FILE (Go, OpenSSL), NODE_EXTRA_CA_CERTS, `curl --cacert`.
 * - `bundleFile`: the same and the public roots that Node carries, for a client that must also reach real hosts
 *   past the fence (SSL_CERT_FILE replaces the system's roots).
 */
export function writeTrust(folder: string, certificate: string): { caFile: string; bundleFile: string } {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string): string => {
    const file = join(folder, name);
    const half = `${file}.${process.pid}.tmp`;
    writeFileSync(half, content, { mode: 0o644 });
    renameSync(half, file);
    return file;
  };
  return {
    caFile: write("fence-ca.pem", certificate),
    bundleFile: write("fence-bundle.pem", certificate + rootCertificates.join("\n") + "\n"),
  };
}
