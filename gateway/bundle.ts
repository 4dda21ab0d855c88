import { createHash } from "node:crypto";
import { resolve } from "node:path";

/** The Worker's script. */
export interface GatewayBundle {
  /** One module, as Cloudflare takes it. */
  readonly script: string;
  /** SHA-256 of the script's UTF-8, in hex. */
  readonly sha256: string;
}

/**
 * Bundles the Worker with the libraries that it uses. The same sources give the same bytes on every machine: no path of the
 * machine, no time and no source map is in them. esbuild is loaded here only, so that a stack without a gateway does not pay
 * for it.
 */
export async function bundleGateway(): Promise<GatewayBundle> {
  const { build } = await import("esbuild");
  const root = resolve(__dirname, "..");
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["gateway/worker.ts"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser"],
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: false,
    logLevel: "silent",
    tsconfigRaw: {},
  });
  const script = outputFiles[0]?.text ?? "";
  return { script, sha256: createHash("sha256").update(script).digest("hex") };
}
