/** The cloudflare plugin's stand-in: the three types that the program declares. */
import * as grpc from "@grpc/grpc-js";

import { Failure } from "../wire/failure.js";
import { announcementOf, type Plugin, type ResourceType } from "../wire/plugin.js";
import { serve } from "../wire/serve.js";
import { customDomain, script, subdomain } from "./remotes.js";
import { resourceType } from "./resource.js";

const name = "cloudflare";
const types: Readonly<Record<string, ResourceType>> = {
  "cloudflare:index/workersScript:WorkersScript": resourceType(script),
  "cloudflare:index/workersCustomDomain:WorkersCustomDomain": resourceType(customDomain),
  "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": resourceType(subdomain),
};

function typeOf(type: string): ResourceType {
  const found = types[type];
  if (found === undefined) {
    throw new Failure(`${announcementOf({ name })}; it does not know ${type}`, grpc.status.UNIMPLEMENTED);
  }
  return found;
}

serve({ name, version: "6.22.1", typeOf } satisfies Plugin);
