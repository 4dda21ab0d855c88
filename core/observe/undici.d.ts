/** undici as Node builds it in (nodejs/undici, index-fetch.js): all of it takes twice as long to load. */
declare module "undici/index-fetch.js" {
  export { EnvHttpProxyAgent, fetch } from "undici";
}
