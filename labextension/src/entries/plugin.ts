import { plugin } from "../frontend.js";

export default plugin;
