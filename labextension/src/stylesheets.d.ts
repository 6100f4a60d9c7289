/** Style sheets as text; `styles.mjs` writes them. */

declare module "*.raw.css" {
  const style: string;
  export default style;
}
