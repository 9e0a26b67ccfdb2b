/** A style sheet that is imported by a script is its text; the build puts it there. */
declare module "*.css" {
  const text: string;
  export default text;
}
