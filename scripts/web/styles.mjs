// The design system's styles without its web fonts: node styles.mjs <uswds.min.css> <out>
//
// Headings and text take the reader's own system font. It saves three downloads and half of the bytes of a first visit,
// which counts on the phones and lines of those who need these pages most.

import { readFileSync, writeFileSync } from "node:fs";

const [from, to] = process.argv.slice(2);
const SYSTEM = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';
const css = readFileSync(from, "utf8");
const slim = css
  .replace(/@font-face\{[^}]*\}/g, "")
  .replace(/font-family:(?:Merriweather Web|Source Sans Pro Web)[^;}]*/g, `font-family:${SYSTEM}`);
if (slim.length === css.length || /Web\b.{0,40}(?:woff|serif)/.test(slim)) throw new Error("the design system names its fonts in another way");
writeFileSync(to, slim);
