// Every page in the machine's Chromium: axe for WCAG 2.2 AA, the size of a first visit, a screenshot; and the walks of people.
//
//   node check.mjs <http://127.0.0.1:port> <folder for screenshots> [walk…]
//
// Pages are visited in English and Spanish, wide and narrow, without JavaScript where the walk allows it (axe itself needs it).
// Ends with 1 where a page has a violation, a walk does not arrive, or a page weighs too much.

import { createHmac } from "node:crypto";
import { readFileSync, mkdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base, folder, ...only] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** Bytes of a first visit: page, styles, fonts and pictures, each compressed as the edge does. */
const HEAVIEST = 100 * 1024;
const WIDTHS = [1280, 390];

mkdirSync(folder, { recursive: true });
const problems = [];
const seen = new Map();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

/** What a first visit of an address loads, compressed. */
async function weigh(path) {
  const context = await browser.newContext();
  const page = await context.newPage();
  let bytes = 0;
  const bodies = [];
  page.on("response", (response) => {
    if (response.status() === 200) bodies.push(response.body().then((body) => (bytes += gzipSync(body).length), () => 0));
  });
  await page.goto(base + path, { waitUntil: "networkidle" });
  await Promise.all(bodies);
  await context.close();
  return bytes;
}

/** Looks at the page as it stands: axe, language, headings, a picture of it. */
async function look(page, name) {
  const language = await page.getAttribute("html", "lang");
  const headings = await page.locator("h1").count();
  if (headings !== 1) problems.push(`${name}: ${headings} headings of the first rank`);
  if (!["en", "es"].includes(language)) problems.push(`${name}: lang is ${language}`);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 1) problems.push(`${name}: ${wider} px wider than a window of ${width} px`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), RULES);
    for (const { id, help, nodes } of violations) {
      problems.push(`${name} at ${width} px: ${id}, ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
    }
    await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
  }
  seen.set(name, page.url());
}

/** A fresh visitor. */
async function visitor(walk) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  try {
    await walk(page);
  } catch (error) {
    problems.push(`${walk.name}: ${error.message.split("\n")[0]} at ${page.url()}`);
    await page.screenshot({ path: `${folder}/failed-${walk.name}.png`, fullPage: true }).catch(() => {});
  }
  await context.close();
}

const local = (path) => base + path;
const submit = (page) => page.locator("main form button[type=submit]").first().click();
const click = (page, text) => page.locator(`main button:has-text("${text}")`).first().click();
const fill = async (page, fields) => {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`[name="${name}"]`).first();
    if ((await field.evaluate((e) => e.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
};
const mails = async () => (await fetch(local("/_local/outbox.json"))).json();

// ---- pages that anyone reads ---------------------------------------------------------------------------------------

const PAGES = {
  home: "/",
  "platform-docs": "/platform/docs",
  "voting-home": "/voting",
  "voting-docs": "/voting/docs",
  "voting-register": "/voting/register?subscriber=demo",
  "voting-verify": "/voting/verify?subscriber=demo",
  "voting-reminder": "/voting/reminder?subscriber=demo",
  "voting-reminder-done": "/voting/reminder/done?subscriber=demo",
  "voting-register-embedded": "/voting/register?subscriber=demo&embed=true",
  "voting-download-expired": "/voting/download/00000000-0000-4000-8000-000000000000/expired",
  "platform-lead": "/platform/lead",
  "account-sign-in": "/account/sign-in",
  "account-password-reset": "/account/password-reset",
  "account-dead-link": "/account/password-reset/00000000-0000-4000-8000-000000000000?token=x",
  "not-found": "/nowhere",
  "voting-not-found": "/voting/nowhere/at/all",
  "expungement-home": "/expungement",
  "expungement-docs": "/expungement/docs",
  "expungement-demo": "/expungement/demo",
  "expungement-search": "/expungement/search",
  "expungement-rules": "/expungement/rules",
  "expungement-login": "/expungement/login",
  "expungement-filing": "/expungement/paperwork",
  "expungement-search-demo": "/expungement/search?demo=true",
};

async function pages(page) {
  for (const [name, path] of Object.entries(PAGES)) {
    for (const language of ["en", "es"]) {
      await page.goto(local(`${path}${path.includes("?") ? "&" : "?"}lang=${language}`));
      if ((await page.getAttribute("html", "lang")) !== language) problems.push(`${name}: not in ${language}`);
      await look(page, `${name}-${language}`);
    }
    const bytes = await weigh(path);
    if (bytes > HEAVIEST) problems.push(`${name}: a first visit loads ${Math.round(bytes / 1024)} KB compressed`);
  }
}

// ---- walks ---------------------------------------------------------------------------------------------------------

const VOTER = {
  first_name: "Maya", last_name: "Ejemplo", "date_of_birth-month": "4", "date_of_birth-day": "1", "date_of_birth-year": "1990",
  address1: "12 Main St", city: "Boston", state: "MA", zipcode: "02108", email: "maya.walk@example.org",
};

async function register(page) {
  await page.goto(local("/voting/register?subscriber=demo"));
  await submit(page);
  await look(page, "voting-register-errors");
  await page.locator(".usa-alert--error a").first().click();
  const focused = await page.evaluate(() => document.activeElement?.name ?? "");
  if (focused !== "first_name") problems.push(`the error summary leads to ${focused}`);
  await fill(page, VOTER);
  await submit(page);
  await look(page, "voting-register-second");
  await submit(page);
  await look(page, "voting-register-second-errors");
  await fill(page, { state_id_number: "S99887766" });
  await page.locator("label[for=us_citizen]").click();
  await page.locator("label[for=is_18_or_over]").click();
  await submit(page);
  await look(page, "voting-register-done");
  for (let tries = 0; ; tries++) {
    if ((await mails()).some((mail) => mail.to.includes(VOTER.email) && mail.text.includes("/voting/download/"))) break;
    if (tries === 100) throw new Error("no mail with the form");
    await page.waitForTimeout(200);
  }
}

async function verify(page) {
  await page.goto(local("/voting/verify?subscriber=demo&lang=es"));
  await submit(page);
  await look(page, "voting-verify-errors");
  await fill(page, { ...VOTER, first_name: "Nobody", last_name: "Known" });
  await submit(page);
  await look(page, "voting-verify-not-found");
}

/** A record as somebody works through it, all by buttons: question, answer, change, removal, paperwork. */
async function record(page) {
  const press = (text) => click(page, text);
  await page.goto(local("/expungement/demo"));
  await press("More Categories");
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await look(page, "expungement-record");
  await page.locator("header button:not(.cw-default)").click();
  await look(page, "expungement-record-es");
  if ((await page.getAttribute("html", "lang")) !== "es") problems.push("a record does not switch its language");
  await page.goto(local("/expungement/demo"));
  await press("John Common (2/2/1985)");
  await page.locator(".usa-radio__label").last().click();
  await press("Answer");
  await look(page, "expungement-record-asked-on");
  await page.locator(".usa-radio__label").last().click();
  await press("Answer");
  await look(page, "expungement-record-answered");
  await page.locator(".cw-charge button:has-text('Change')").first().click();
  await fill(page, { name: "", date: "soon" });
  await press("Save");
  await look(page, "expungement-charge-errors");
  await page.locator(".usa-alert--error a").first().click();
  const focused = await page.evaluate(() => document.activeElement?.name ?? "");
  if (focused !== "name") problems.push(`the error summary of a charge leads to ${focused}`);
  await press("Cancel");
  // Enter presses the form's own button, not the switch of languages that stands first on the page.
  await page.locator("#today").fill("1/1/2090");
  await page.locator("#today").press("Enter");
  await page.waitForLoadState();
  if (!(await page.locator("main :text('Jan 1, 2090')").count())) problems.push("Enter does not update the record");
  await page.locator(".cw-case button:has-text('Remove')").first().click();
  await look(page, "expungement-record-removed");
  await press("Go to the paperwork");
  await look(page, "expungement-paperwork");
  await press("Make the packet");
  await look(page, "expungement-paperwork-gaps");
}

/** The court's site by the twin's account. */
async function court(page) {
  const press = (text) => click(page, text);
  await page.goto(local("/expungement/login"));
  await fill(page, { oeci_username: "demo-clerk", oeci_password: "wrong" });
  await press("Sign in");
  await look(page, "expungement-login-refused");
  await fill(page, { oeci_password: "set-aside-2022" });
  await press("Sign in");
  await look(page, "expungement-search-signed-in");
  await press("Search");
  await look(page, "expungement-search-errors");
  await fill(page, { "first_name-0": "John", "last_name-0": "Common" });
  await page.locator("main button[type=submit]:text-is('Search')").click();
  for (let tries = 0; (await page.locator("main button:has-text('Look again')").count()) && tries < 5; tries++) await press("Look again");
  if (!(await page.locator("h2#cases").count())) problems.push("a search at the court's site shows no record");
  await look(page, "expungement-record-found");
}

/** The code that an authenticator app shows now, or `ahead` steps from now (RFC 6238): a code works once. */
function code(secret, ahead = 0) {
  const bits = [...secret.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const hash = createHmac("sha1", key).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function mailedLink(page, to, part) {
  for (let tries = 0; tries < 100; tries++) {
    const found = (await mails()).findLast((mail) => mail.to.includes(to) && mail.text.includes(part));
    if (found) return found.links.find((link) => link.includes(part));
    await page.waitForTimeout(200);
  }
  throw new Error(`no mail with ${part}`);
}

/** An owner signs in with password and code, looks at every page of the account and the organisation, invites a colleague, makes
    a key; the colleague makes an account, sets up a second factor, and comes back by a reset. */
async function account(page) {
  const demo = JSON.parse(readFileSync(process.env.DEMO, "utf8"));
  const owner = demo.people.find((person) => person.role === "owner" && person.tenant === "riverside");
  await page.goto(local("/platform/members"));
  await fill(page, { email: owner.email, password: "not the password" });
  await submit(page);
  await look(page, "account-sign-in-refused");
  await fill(page, { email: owner.email, password: owner.password });
  await submit(page);
  await look(page, "account-code");
  await fill(page, { code: "000000" });
  await submit(page);
  await look(page, "account-code-refused");
  await fill(page, { code: code(owner.totp_secret) });
  await submit(page);
  if (!page.url().endsWith("/platform/members")) problems.push(`signing in led to ${page.url()}`);
  await look(page, "platform-members");
  const own = {
    account: "/account", "account-profile": "/account/profile", "account-email": "/account/email", "account-password": "/account/password",
    "account-second-factor": "/account/second-factor", "account-recovery-codes": "/account/second-factor/recovery-codes",
    "account-sessions": "/account/sessions", "account-sign-out": "/account/sign-out", "platform-organizations": "/platform/organizations",
    "platform-invitations": "/platform/invitations", "platform-api-keys": "/platform/api-keys", "platform-history": "/platform/history",
  };
  for (const [name, path] of Object.entries(own)) {
    for (const language of ["en", "es"]) {
      await page.goto(local(`${path}?lang=${language}`));
      if ((await page.getAttribute("html", "lang")) !== language) problems.push(`${name}: not in ${language}`);
      await look(page, `${name}-${language}`);
    }
  }
  await page.goto(local("/account/password"));
  await submit(page);
  await look(page, "account-password-errors");
  await page.goto(local("/platform/api-keys"));
  await click(page, "Make the key");
  await look(page, "platform-api-keys-errors");
  await fill(page, { description: "our site", kind: "live", service: "voting" });
  await click(page, "Make the key");
  await look(page, "platform-api-keys-made");
  await page.goto(local("/platform/invitations"));
  await submit(page);
  await look(page, "platform-invitations-errors");
  const email = "walking.colleague@riverside.example";
  await fill(page, { email, role: "editor" });
  await submit(page);
  await look(page, "platform-invitations-open");

  const colleague = await (await browser.newContext()).newPage();
  await colleague.goto(await mailedLink(page, email, "/account/invitation/"));
  await look(colleague, "account-invitation");
  await submit(colleague);
  await look(colleague, "account-invitation-errors");
  await fill(colleague, { name: "Walking Colleague", time_zone: "America/Chicago", password: "kettle and brass bell", password_again: "kettle and brass bell" });
  await submit(colleague);
  await look(colleague, "account-second-factor-set-up");
  await fill(colleague, { code: "123" });
  await submit(colleague);
  await look(colleague, "account-second-factor-errors");
  const secret = await colleague.locator("code.cw-secret").innerText();
  await fill(colleague, { code: code(secret) });
  await submit(colleague);
  await look(colleague, "account-recovery-codes-shown");
  if ((await colleague.locator(".cw-codes li").count()) !== 10) problems.push("there are not ten recovery codes");
  await colleague.goto(local("/platform/api-keys"));
  await look(colleague, "platform-forbidden");
  await colleague.goto(local("/account"));
  await colleague.locator("button:has-text('Sign out')").first().click();
  await colleague.goto(local("/account/password-reset"));
  await fill(colleague, { email });
  await submit(colleague);
  await look(colleague, "account-password-reset-sent");
  await colleague.goto(await mailedLink(page, email, "/account/password-reset/"));
  await fill(colleague, { password: "password1234", password_again: "password" });
  await submit(colleague);
  await look(colleague, "account-new-password-errors");
  await fill(colleague, { password: "a lamp beside the harbor", password_again: "a lamp beside the harbor" });
  await submit(colleague);
  await fill(colleague, { code: code(secret, 1) });
  await submit(colleague);
  if (!colleague.url().endsWith("/account")) problems.push(`a reset led to ${colleague.url()}`);
}

/** Signs a demonstration person in, and goes to a page. */
async function signedIn(page, role, tenant, path) {
  const demo = JSON.parse(readFileSync(process.env.DEMO, "utf8"));
  const person = demo.people.find((person) => person.role === role && person.tenant === tenant);
  await page.goto(local(path));
  await fill(page, { email: person.email, password: person.password });
  await submit(page);
  await fill(page, { code: code(person.totp_secret) });
  await submit(page);
  // A code works once: another walk may have used this one.
  if (page.url().includes("/account/sign-in")) {
    await fill(page, { code: code(person.totp_secret, 1) });
    await submit(page);
  }
  if (!page.url().endsWith(path)) problems.push(`signing in led to ${page.url()}`);
  return person;
}

/** A site of an organisation: one page with this in it. */
async function siteWith(html) {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!DOCTYPE html><html lang="en"><title>Riverside</title><h1>Riverside</h1>${html}</html>`);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** An administrator looks at the figures, puts a tool on the organisation's own site, changes the settings, asks for a report. */
async function manage(page) {
  const admin = await signedIn(page, "admin", "riverside", "/voting/manage");
  await fetch(local("/_local/run/voting-count"), { method: "POST" });
  for (const [name, path] of Object.entries({
    "voting-manage": "/voting/manage", "voting-manage-embed": "/voting/manage/embed",
    "voting-manage-settings": "/voting/manage/settings", "voting-manage-reports": "/voting/manage/reports",
  })) {
    for (const language of ["en", "es"]) {
      await page.goto(local(`${path}?lang=${language}`));
      if ((await page.getAttribute("html", "lang")) !== language) problems.push(`${name}: not in ${language}`);
      await look(page, `${name}-${language}`);
    }
  }

  // The snippet works on a site of another origin, from the first page of the form to the last.
  await page.goto(local("/voting/manage/embed"));
  const snippet = await page.locator("#snippet-register").inputValue();
  const site = await siteWith(snippet.replace(/https?:\/\/[^/"]+/, base));
  const visitor = await (await browser.newContext()).newPage();
  await visitor.goto(site.url);
  const frame = visitor.frameLocator("iframe");
  for (const [name, value] of Object.entries({ ...VOTER, email: "framed@example.org" })) {
    const field = frame.locator(`[name="${name}"]`);
    if (name === "state") await field.selectOption(value);
    else await field.fill(value);
  }
  await frame.locator("main form button[type=submit]").click();
  await frame.locator("[name=state_id_number]").fill("S99887766");
  await visitor.screenshot({ path: `${folder}/voting-framed-second.png`, fullPage: true });
  await frame.locator("label[for=us_citizen]").click();
  await frame.locator("label[for=is_18_or_over]").click();
  await frame.locator("main form button[type=submit]").click();
  await frame.locator("h1:has-text('Your form is on its way')").waitFor();
  await visitor.screenshot({ path: `${folder}/voting-framed-done.png`, fullPage: true });
  // What knows the person cannot be framed.
  await visitor.goto((await siteWith(`<iframe src="${base}/voting/manage/settings?embed=true"></iframe>`)).url);
  await visitor.waitForTimeout(500);
  if (await visitor.frameLocator("iframe").locator(".cw-header").count()) problems.push("a staff page stands in a frame");
  site.close();

  await page.goto(local("/voting/manage/settings"));
  await fill(page, { organization: "", url: "riverside" });
  await submit(page);
  await look(page, "voting-manage-settings-errors");
  await fill(page, { organization: "Riverside Voters United", url: "https://riverside.example/vote", sms_mode: "box_checked" });
  await submit(page);
  await look(page, "voting-manage-settings-saved");
  if (!(await page.locator("ins:has-text('Riverside Voters United')").count())) problems.push("a change is not in the history");

  await page.goto(local("/voting/manage/reports"));
  await submit(page);
  await look(page, "voting-manage-reports-errors");
  await fill(page, { kind: "register", from: "2026-01-01" });
  await submit(page);
  await look(page, "voting-manage-reports-asked");
  const link = await mailedLink(page, admin.email, "/voting/download/");
  const csv = await (await fetch(link)).text();
  if (!csv.startsWith("id,action_id,") || !csv.includes("framed@example.org")) problems.push(`the report holds ${csv.slice(0, 200)}`);
  await page.goto(local("/voting/manage/reports"));
  await look(page, "voting-manage-reports-ready");
}

/** An organisation's administrator looks for registrations; an operator changes what a state says and sees it in the history. */
async function admin(page) {
  for (const [index, [first, last, state, zip]] of [
    ["Maya", "Ejemplo", "MA", "02108"], ["=cmd()", "<b>Bold</b>", "OR", "97201"], ["Ana", "Muestra", "MA", "02108"],
  ].entries()) {
    const made = await fetch(local("/voting/v1/registration/register?incomplete=true&subscriber=demo"), {
      method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({
        first_name: first, last_name: last, address1: "12 Main St", city: "Town", state, zipcode: zip,
        date_of_birth: "1990-04-01", email: `admin.walk.${index}@example.org`,
      }),
    });
    if (!made.ok) problems.push(`the admin walk cannot register: ${made.status}`);
  }
  await signedIn(page, "admin", "demo", "/admin");
  const pages = async (own) => {
    for (const [name, path] of Object.entries(own)) {
      for (const language of ["en", "es"]) {
        const answer = await page.goto(local(`${path}?lang=${language}`));
        if (answer.status() !== 200) problems.push(`${name}: ${answer.status()}`);
        if ((await page.getAttribute("html", "lang")) !== language) problems.push(`${name}: not in ${language}`);
        await look(page, `${name}-${language}`);
      }
    }
  };
  const models = (service, names) => Object.fromEntries(names.map((name) => [`admin-${service}-${name}`, `/admin/${service}/${name}`]));
  await pages({
    admin: "/admin", "admin-voting": "/admin/voting",
    ...models("voting", ["registration", "lookup", "reminder-request", "action", "event", "stored-file", "report", "hourly-count", "subscriber"]),
    "admin-expungement": "/admin/expungement", ...models("expungement", ["bulk-job"]),
  });
  await page.goto(local("/admin/voting/registration"));
  const rows = page.locator("tbody tr");
  const expect = async (count, what) => {
    const found = await rows.count();
    if (found !== count) problems.push(`${what}: ${found} rows, not ${count}`);
  };
  await fill(page, { q: "admin.walk", state: "MA" });
  await click(page, "Show");
  await expect(2, "registrations of MA");
  await look(page, "admin-registrations-narrowed");
  await page.locator(".cw-chip", { hasText: "Massachusetts" }).click();
  await expect(3, "registrations without the filter");
  await fill(page, { q: "mues" });
  await click(page, "Show");
  await expect(1, "registrations by name");
  await page.locator("tbody th a").click();
  await look(page, "admin-registration-detail");
  await page.goto(local("/admin/voting/registration?q=nobody-at-all"));
  await look(page, "admin-registrations-nothing");
  await page.goto(local("/admin/voting/subscriber"));
  await page.locator("tbody th a").click();
  await fill(page, { url: "nowhere" });
  await click(page, "Save");
  await look(page, "admin-subscriber-errors");
  await page.goto(local("/admin/platform/account"));
  await look(page, "admin-forbidden");

  const operator = await (await browser.newContext()).newPage();
  await signedIn(operator, "owner", "demo", "/admin/voting/state-information");
  page = operator;
  await pages({
    "admin-platform": "/admin/platform",
    ...models("platform", [
      "organization", "organization-slug", "account", "membership", "invitation", "session", "api-key", "feature-flag", "form-pack",
      "audit-entry", "account-mail", "outbox", "passkey", "external-identity", "lead", "subscription",
    ]),
    ...models("expungement", ["packet"]),
    "admin-platform-feature-flag-add": "/admin/platform/feature-flag/add",
    ...models("voting", ["state-information", "state", "state-field", "secure-upload"]),
  });
  await page.goto(local("/admin/voting/state-information/OR,registration_deadline_mail/change"));
  await look(page, "admin-state-information");
  const before = await page.locator("[name=text]").inputValue();
  await fill(page, { text: `${before} Ask your county.` });
  await click(page, "Save and continue editing");
  await look(page, "admin-state-information-saved");
  if (!(await page.locator(".usa-alert--success").count())) problems.push("a change of state information is not confirmed");
  await page.locator("a:has-text('History')").last().click();
  await look(page, "admin-state-information-history");
  if (!(await page.locator("ins:has-text('Ask your county.')").count())) problems.push("a change of state information is not in its history");
  const api = await (await fetch(local("/voting/v1/election/state/OR"))).text();
  if (!api.includes("Ask your county.")) problems.push("a change of state information is not in the API");
  await page.goto(local("/admin/platform/feature-flag/add"));
  await fill(page, { name: "walk.flag", variables: "{" });
  await click(page, "Save");
  await look(page, "admin-feature-flag-errors");
  await fill(page, { variables: '{"page": 1}' });
  await click(page, "Save");
  await page.goto(local("/admin/platform/feature-flag/walk.flag/delete"));
  await look(page, "admin-feature-flag-delete");
  await click(page, "Yes, delete it");
  await look(page, "admin-feature-flag-deleted");
  await page.goto(local("/admin/platform/organization"));
  await page.locator("tbody th a").first().click();
  await look(page, "admin-organization-detail");
  await page.locator("main a.usa-button:has-text('Change')").click();
  await look(page, "admin-organization-change");
  await page.goto(local("/admin/platform/session"));
  await page.locator("tbody input[type=checkbox]").last().check();
  await fill(page, { _action: "end" });
  await click(page, "Go");
  await look(page, "admin-action-confirm");
}

/** An organisation asks to join; an operator lets it in; its first person gets a welcome and an invitation, and comes in. */
async function organizations(page) {
  await page.goto(local("/platform/lead"));
  await submit(page);
  await look(page, "platform-lead-errors");
  const email = "lena.walk@lakeside.example";
  await fill(page, {
    organization: "Lakeside Votes", website: "https://lakeside.example", first_name: "Lena", last_name: "Lake", email, plan: "nonprofit",
    ein: "12-3456789", sms_mode: "box_unchecked",
  });
  await submit(page);
  await look(page, "platform-lead-thanks");

  const operator = await (await browser.newContext()).newPage();
  operator.setDefaultTimeout(20_000);
  await signedIn(operator, "owner", "demo", "/platform/leads");
  await look(operator, "platform-leads");
  await operator.goto(local("/platform/leads?lang=es"));
  await look(operator, "platform-leads-es");
  await operator.goto(local("/platform/leads"));
  await operator.locator("main a:has-text('Lakeside Votes')").click();
  await look(operator, "platform-lead-open");
  const lead = operator.url();
  await operator.goto(`${lead}?lang=es`);
  await look(operator, "platform-lead-open-es");
  await operator.goto(lead);
  await fill(operator, { slug: "riverside" });
  await submit(operator);
  await look(operator, "platform-lead-slug-taken");
  await fill(operator, { slug: "lakeside" });
  await submit(operator);
  await look(operator, "platform-lead-let-in");
  await operator.locator("main a:has-text('See the organization')").click();
  await look(operator, "platform-organization-edit");
  await fill(operator, { slugs: "lakeside riverside", ein: "1" });
  await submit(operator);
  await look(operator, "platform-organization-edit-errors");
  await fill(operator, { slugs: "lakeside lake", ein: "12-3456789", plan: "premium" });
  await submit(operator);
  await look(operator, "platform-organization-saved");
  if (!(await operator.locator("main td:has-text('plan: nonprofit → premium')").count())) problems.push("a plan's change is not in the history");
  for (const language of ["en", "es"]) {
    await operator.goto(local(`/platform/all-organizations/new?lang=${language}`));
    await look(operator, `platform-organization-new-${language}`);
  }

  await mailedLink(page, email, "/voting/manage/embed");
  const first = await (await browser.newContext()).newPage();
  first.setDefaultTimeout(20_000);
  await first.goto(await mailedLink(page, email, "/account/invitation/"));
  await fill(first, { name: "Lena Lake", time_zone: "America/Chicago", password: "kettle and brass bell", password_again: "kettle and brass bell" });
  await submit(first);
  const secret = await first.locator("code.cw-secret").innerText();
  await fill(first, { code: code(secret) });
  await submit(first);
  await first.goto(local("/voting/manage/embed"));
  if (!(await first.locator("code:text-is('lakeside')").count())) problems.push("a new organisation has no embed page of its own");
  await look(first, "voting-manage-embed-new");
}

/** The browser's own authenticator, with a finger on it; passkeys need a name, so the walk goes under one. */
const named = (path) => base.replace("127.0.0.1", "localhost") + path;
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  return {
    verifies: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    passkeys: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}
const arrive = async (page, path, what) => {
  await page.waitForURL((url) => url.pathname === path).catch(() => problems.push(`${what} led to ${page.url()}`));
};
const signOut = (page) => page.locator("button:has-text('Sign out')").first().click();

/** Somebody adds a passkey, signs in by it alone, uses it after a password and to prove who they are, and removes it. */
async function passkeys(page) {
  const device = await authenticator(page);
  await page.goto(local("/account/sign-in"));
  await page.locator("[data-passkey-elsewhere]").waitFor({ state: "visible" });
  await look(page, "passkeys-elsewhere");
  await page.locator("[data-passkey-elsewhere] a").click();
  await arrive(page, "/account/sign-in", "the way to the site's name");
  const demo = JSON.parse(readFileSync(process.env.DEMO, "utf8"));
  const person = demo.people.find((person) => person.role === "editor" && person.tenant === "riverside");
  const password = async () => {
    await fill(page, { email: person.email, password: person.password });
    await submit(page);
  };
  await password();
  await fill(page, { code: code(person.totp_secret) });
  await submit(page);
  for (const language of ["es", "en"]) {
    await page.goto(named(`/account/passkeys?lang=${language}`));
    await look(page, `passkeys-none-${language}`);
  }
  // A finger that is not the owner's.
  await device.verifies(false);
  await click(page, "Add a passkey");
  await page.locator("[data-passkey-status]").waitFor({ state: "visible" });
  await look(page, "passkeys-add-failed");
  await device.verifies(true);
  await fill(page, { name: "work laptop" });
  await click(page, "Add a passkey");
  await page.locator("th:has-text('work laptop')").waitFor();
  await look(page, "passkeys-added");
  const [kept] = await device.passkeys();
  if (!kept?.isResidentCredential || kept.rpId !== "localhost") problems.push(`the passkey is ${JSON.stringify(kept)}`);
  await click(page, "Add a passkey");
  await page.locator("[data-passkey-status]:has-text('already')").waitFor({ state: "visible" });
  await look(page, "passkeys-known");

  await page.goto(named("/account"));
  await look(page, "passkeys-account");
  await signOut(page);
  await page.goto(named("/platform/members"));
  await look(page, "passkeys-sign-in");
  await device.verifies(false);
  await click(page, "Sign in with a passkey");
  await page.locator("[data-passkey-status]").waitFor({ state: "visible" });
  await look(page, "passkeys-sign-in-failed");
  await device.verifies(true);
  await click(page, "Sign in with a passkey");
  await arrive(page, "/platform/members", "a passkey");
  await signOut(page);
  await password();
  await look(page, "passkeys-second-step");
  await click(page, "Use a passkey");
  await arrive(page, "/account", "a passkey after the password");

  await page.goto(named("/account/passkeys"));
  await page.locator("td a:has-text('Rename or remove')").click();
  await look(page, "passkey");
  await fill(page, { name: " " });
  await submit(page);
  await look(page, "passkey-errors");
  await fill(page, { name: "old laptop" });
  await submit(page);
  await page.locator("th:has-text('old laptop')").waitFor();
  await page.locator("td a:has-text('Rename or remove')").click();
  await click(page, "Remove this passkey");
  await page.locator("main :text('You have no passkeys yet')").waitFor();
  await signOut(page);
  await click(page, "Sign in with a passkey");
  await page.locator(".usa-alert--error:has-text('was not accepted')").waitFor();
  await look(page, "passkeys-refused");
  await mailedLink(page, person.email, "/account/passkeys");

  // Without a script: the page says so, and the password works.
  const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await plain.goto(named("/account/sign-in"));
  if (!(await plain.locator("main :text('Passkeys need JavaScript')").isVisible())) problems.push("nothing says what passkeys need");
  if (await plain.locator("form[data-passkey]").isVisible()) problems.push("a form that needs a script shows without one");
  await plain.screenshot({ path: `${folder}/passkeys-without-script.png`, fullPage: true });
  await fill(plain, { email: person.email, password: person.password });
  await submit(plain);
  if (!plain.url().includes("/account/sign-in/code")) problems.push(`without a script the password led to ${plain.url()}`);
}

/** Somebody is invited into a second organisation, accepts by their own account, works in the other, and signs out. */
async function colleague(page) {
  const owner = await (await browser.newContext()).newPage();
  owner.setDefaultTimeout(20_000);
  await signedIn(owner, "admin", "demo", "/platform/invitations");
  const person = await signedIn(page, "viewer", "riverside", "/platform/organizations");
  await look(page, "colleague-one-organization");
  await fill(owner, { email: person.email, role: "editor" });
  await submit(owner);
  await page.goto(await mailedLink(page, person.email, "/account/invitation/"));
  await look(page, "colleague-invited");
  await submit(page);
  await page.goto(local("/platform/organizations"));
  await look(page, "colleague-two-organizations");
  const switchTo = page.locator("main button:has-text('Work in')").first();
  const other = (await switchTo.locator(".usa-sr-only").innerText()).trim();
  await switchTo.click();
  if (!(await page.locator(".cw-menu").innerText()).includes(other)) problems.push(`the menu does not say ${other}`);
  await look(page, "colleague-switched");
  await signOut(page);
  await page.goto(local("/platform/members"));
  await arrive(page, "/account/sign-in", "a page after signing out");
}

/** Somebody signs in by the local provider of OpenID Connect, and somebody with a password connects it. */
async function openid(page) {
  const provider = (page, name) => page.locator(`button:has-text("${name}")`).click();
  await page.goto(local("/platform/members"));
  await look(page, "openid-sign-in");
  await page.locator("a:has-text('Sign in with')").click();
  await look(page, "openid-at-the-provider");
  await provider(page, "Nobody");
  await look(page, "openid-cancelled");
  await page.goto(local("/platform/members"));
  await page.locator("a:has-text('Sign in with')").click();
  await provider(page, "Elena Editor");
  if (!page.url().endsWith("/platform/members")) problems.push(`a provider led to ${page.url()}`);
  await look(page, "openid-members");
  for (const language of ["en", "es"]) {
    await page.goto(local(`/account/openid?lang=${language}`));
    await look(page, `openid-connections-${language}`);
  }
  await page.goto(local("/account/sign-out"));
  await submit(page);
  await look(page, "openid-sign-out");
  await page.locator("a:has-text('Sign out at')").click();
  await look(page, "openid-signed-out-there");
  await page.locator("a:has-text('Back')").click();
  await page.locator("a:has-text('Sign in with')").click();
  await provider(page, "Nadia Newcomer");
  await page.goto(local("/platform/members"));
  if (!page.url().includes("/account/second-factor")) problems.push(`without a second factor one gets to ${page.url()}`);

  const colleague = await (await browser.newContext()).newPage();
  await signedIn(colleague, "viewer", "demo", "/account/openid");
  await look(colleague, "openid-not-connected");
  await colleague.locator("main a:has-text('Connect')").first().click();
  await provider(colleague, "Amir Admin");
  await look(colleague, "openid-connect");
  await submit(colleague);
  if (!colleague.url().endsWith("/account/openid")) problems.push(`connecting led to ${colleague.url()}`);
  await look(colleague, "openid-connected");
}

async function keyboard(page) {
  await page.goto(local("/voting/register?subscriber=demo"));
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement?.getAttribute("href"));
  if (first !== "#main-content") problems.push(`the first stop of the keyboard is ${first}, not the way past the header`);
  await page.keyboard.press("Enter");
  const landed = await page.evaluate(() => document.activeElement?.id);
  if (landed !== "main-content") problems.push(`the way past the header leads to ${landed}`);
}

for (const walk of [pages, keyboard, register, verify, record, court, account, manage, admin, organizations, passkeys, colleague, openid]) {
  if (!only.length || only.includes(walk.name)) await visitor(walk);
}
await browser.close();
for (const problem of problems) console.log(`FAIL ${problem}`);
console.log(`browser: ${seen.size} pages looked at, ${problems.length} problems; screenshots in ${folder}`);
process.exit(problems.length ? 1 : 0);
