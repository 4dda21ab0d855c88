export { createVercel, type ProjectSeed, type VercelWorld } from "./world.js";
