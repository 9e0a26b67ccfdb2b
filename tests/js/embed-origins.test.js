/** Which pages may speak to the chat in their frame: the same table as the server's rule. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { originAllowed } from "../../static/js/embed/origins.js";

/** @type {{cases: {sites: string[], any_site?: boolean, localhost?: boolean, allowed: string[], refused: string[]}[]}} */
const { cases } = JSON.parse(readFileSync(new URL("../vectors/embed_sites.json", import.meta.url), "utf8"));

test("s9 sites are compared by scheme, whole name and port, wildcards on a dot", () => {
  for (const { sites, any_site: anySite = false, localhost = false, allowed, refused } of cases) {
    const embed = { sites, anySite, localhost };
    for (const origin of allowed) assert.ok(originAllowed(embed, origin), `${origin} by ${sites}`);
    for (const origin of refused) assert.ok(!originAllowed(embed, origin), `${origin} by ${sites}`);
  }
});

test("an overlong origin and overlong lists are no trouble", () => {
  assert.equal(originAllowed({ sites: ["https://a.test"], anySite: true, localhost: true }, `https://${"a.".repeat(10_000)}test`), false);
});
