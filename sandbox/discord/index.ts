export { createDiscord, type DiscordWorld } from "./world.js";
