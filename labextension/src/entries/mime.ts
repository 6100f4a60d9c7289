import { renderer } from "../frontend.js";

export default renderer;
