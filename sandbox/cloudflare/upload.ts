/** The body of a script's upload: a multipart form with `metadata` and the modules. */
import { ApiError } from "./http/errors.js";
import { readMultipart } from "./http/multipart.js";
import type { Body } from "./http/route.js";
import type { Binding, Change } from "./workers.js";

const invalid = (message: string): ApiError => new ApiError(400, { code: 10021, message });

/**
 * What an upload makes of the former bindings. `keep_bindings` names types of which the former ones stay ("List of binding
 * types to keep from previous_upload", npm `cloudflare` 7.3.0, ScriptUpdateParams). Modules other than the main one, and
 * scripts that are none, are not emulated.
 */
export function readUpload(body: Body, former: readonly Binding[]): Change {
  const form = readMultipart(body.contentType, body.content);
  if (form === undefined) throw invalid("Could not parse the multipart form");
  const metadata = metadataOf(form.get("metadata"));
  const mainModule = textOr(metadata["main_module"], "");
  const content = form.get(mainModule);
  if (mainModule === "" || content === undefined) throw invalid("main_module names none of the parts");
  const given = listOf(metadata["bindings"]).map(bindingOf);
  const kept = new Set(listOf(metadata["keep_bindings"]).map(String));
  const names = new Set(given.map(({ name }) => name));
  const annotations = (metadata["annotations"] ?? {}) as Record<string, unknown>;
  return {
    triggeredBy: "upload",
    message: typeof annotations["workers/message"] === "string" ? annotations["workers/message"] : undefined,
    mainModule,
    content,
    bindings: [...former.filter(({ name, type }) => kept.has(type) && !names.has(name)), ...given],
    compatibilityDate: textOr(metadata["compatibility_date"], ""),
    compatibilityFlags: listOf(metadata["compatibility_flags"]).map(String),
  };
}

function metadataOf(part: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(part ?? "") as Record<string, unknown>;
  } catch {
    throw invalid("The part metadata is missing or is not JSON");
  }
}

function bindingOf(value: unknown): Binding {
  const { name, type, text, ...rest } = value as Record<string, unknown>;
  if (typeof name !== "string" || typeof type !== "string") throw invalid("A binding needs a name and a type");
  return {
    name,
    type,
    ...(typeof text === "string" ? { text } : {}),
    ...(Object.keys(rest).length > 0 ? { rest } : {}),
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textOr = (value: unknown, fallback: string): string => (typeof value === "string" ? value : fallback);
