// Preloaded into a job's Node (NODE_OPTIONS=--require …): its own `fetch` goes through the fence. Node honours HTTPS_PROXY
// there from version 24 on only.
const { EnvHttpProxyAgent, setGlobalDispatcher } = require("undici");

setGlobalDispatcher(new EnvHttpProxyAgent());
