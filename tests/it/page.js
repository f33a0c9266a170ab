"use strict";
// Visits the page of a plan: `node page.js ORDER`, where ORDER is JSON; prints what it saw as JSON. See page.rs.
const { chromium } = require("playwright-core");

const QUIET = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Addresses of the changes that are shown. */
const shown = (page) => page.locator("details.change:visible .address").allTextContents();
const summary = (page, address) =>
  page.locator("details.change > summary").filter({ has: page.getByText(address, { exact: true }) });
const isOpen = (locator) => locator.evaluate((element) => element.closest("details").open);

const scripts = {
  async search(page) {
    const seen = { chips: {}, filtered: {}, all: await page.textContent("#found") };
    for (const chip of await page.locator("button.chip").all()) {
      const action = await chip.getAttribute("data-action");
      seen.chips[action] = Number(await chip.locator("b").textContent());
      await chip.click();
      seen.filtered[action] = (await shown(page)).length;
      await chip.click();
    }
    await page.fill("#find", "USER iam");
    seen.role = await shown(page);
    await page.fill("#find", "retention_hours");
    seen.field = await shown(page);
    await page.fill("#find", "no such thing");
    seen.nothing = await page.textContent("#none");
    await page.press("#find", "Escape");
    seen.cleared = await page.textContent("#found");
    return seen;
  },

  async open(page) {
    const stream = summary(page, "stream.clicks");
    const before = await isOpen(stream);
    await stream.click();
    const text = await stream.locator("xpath=..").locator(".body").innerText();
    const after = await isOpen(stream);
    const replacement = await isOpen(summary(page, "alarm.stalled"));
    await summary(page, "alarm.stalled").click();
    await page.locator(".drawing a", { hasText: "stalled" }).click();
    await page.waitForFunction(() => document.activeElement.closest("details.change")?.open);
    const focused = await page.evaluate(() => document.activeElement.querySelector(".address").textContent);
    return { before, after, text, replacement, focused };
  },

  async keyboard(page) {
    const focus = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
    await page.keyboard.press("Tab");
    const first = await focus();
    await page.keyboard.press("Enter");
    const skipped = await focus();
    await page.keyboard.press("/");
    const slash = await focus();
    await page.keyboard.type("retention/");
    const typed = await page.inputValue("#find");
    await page.keyboard.press("Escape");
    const escaped = await page.inputValue("#find");
    await page.keyboard.type("retention_hours");
    for (let at = 0; at < 9 && !(await page.evaluate(() => document.activeElement.matches(".change > summary"))); at += 1) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    const opened = await page.evaluate(() => document.activeElement.closest("details")?.open ?? null);
    await page.keyboard.press("Escape");
    // From the beginning to the end: whatever has the focus shows it.
    await page.evaluate(() => { document.activeElement.blur(); window.scrollTo(0, 0); });
    const invisible = [];
    for (let at = 0; at < 200; at += 1) {
      await page.keyboard.press("Tab");
      const [name, visible] = await page.evaluate(() => {
        const it = document.activeElement;
        const box = it.querySelector("rect");
        const ring = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        const thick = box && parseFloat(getComputedStyle(box).strokeWidth) >= 4;
        return [it === document.body ? "" : it.outerHTML.slice(0, 80), Boolean(thick) || ring(getComputedStyle(it))];
      });
      if (!name) break;
      if (!visible) invisible.push(name);
    }
    return { first, skipped, slash, typed, escaped, opened, invisible };
  },

  async narrow(page) {
    await page.click("#all");
    return page.evaluate(() => {
      const root = document.documentElement;
      const inScroller = (element) => element.closest(".scroller, .skip, thead, label");
      const outside = [...document.body.querySelectorAll("*")]
        .filter((element) => !inScroller(element) && element.getBoundingClientRect().right > root.clientWidth + 0.5)
        .map((element) => element.outerHTML.slice(0, 80));
      return { overflow: root.scrollWidth - root.clientWidth, outside };
    });
  },

  async contrast(page) {
    await page.click("#all");
    return page.evaluate(() => {
      const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
      const luminance = ([red, green, blue]) => {
        const part = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
      };
      const ground = (element) => {
        const box = element.closest(".node:not(.outside)")?.querySelector("rect");
        if (box) return parse(getComputedStyle(box).fill);
        for (let at = element; at; at = at.parentElement) {
          const colour = parse(getComputedStyle(at).backgroundColor);
          if (colour[3] !== 0) return colour;
        }
        return [255, 255, 255];
      };
      const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      const texts = [...document.body.querySelectorAll("*:not(script, title, desc)")]
        .filter((element) => own(element) && element.checkVisibility());
      const faint = texts.map((element) => {
        const style = getComputedStyle(element);
        const colour = parse(element instanceof SVGElement ? style.fill : style.color);
        const [light, dark] = [luminance(colour), luminance(ground(element))].sort((a, b) => b - a);
        return [(light + 0.05) / (dark + 0.05), element.outerHTML.slice(0, 80)];
      });
      const background = getComputedStyle(document.body).backgroundColor;
      return { background, texts: texts.length, faint: faint.filter(([contrast]) => contrast < 4.5) };
    });
  },

  async scriptless(page) {
    const search = await page.isVisible("#search");
    const stream = summary(page, "stream.clicks");
    await stream.click();
    const opened = await page.getByText("retention_hours", { exact: true }).isVisible();
    await stream.click();
    await page.locator('.drawing a[href="#stream.clicks"]').click();
    const revealed = await page.getByText("retention_hours", { exact: true }).isVisible();
    return { search, opened, revealed };
  },

  async hostile(page) {
    await page.click("#all");
    return page.evaluate(async () => {
      const count = (name) => document.querySelectorAll(name).length;
      const title = document.title.startsWith("<script>alert(1)</script>");
      const elements = { script: count("script"), img: count("img"), style: count("style"), title };
      const text = document.body.innerText;
      const stopped = new Promise((done) =>
        document.addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective)));
      document.body.append(Object.assign(document.createElement("script"), { textContent: "alert(3)" }));
      return { elements, text, policy: await stopped };
    });
  },

  async picture(page, { to }) {
    await summary(page, "stream.clicks").click();
    await page.evaluate(() => { document.activeElement.blur(); window.scrollTo(0, 0); });
    await page.mouse.move(0, 0);
    await page.screenshot({ path: to });
  },
};

async function main({ browser, profile, file, script, options }) {
  const { width = 1200, scheme = "light", javascript = true } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browser,
    args: QUIET,
    viewport: { width, height: 1500 },
    colorScheme: scheme,
    javaScriptEnabled: javascript,
    reducedMotion: "reduce",
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    const [requests, trouble] = [[], []];
    const own = `file://${file}`;
    context.on("request", (request) => request.url().split("#")[0] === own || requests.push(request.url()));
    page.on("dialog", (dialog) => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("pageerror", (error) => trouble.push(String(error)));
    page.on("console", (message) => trouble.push(message.text()));
    await page.goto(own);
    const complaints = trouble.length;
    const result = await scripts[script](page, options);
    // The hostile visit provokes the policy, which says so on the console.
    if (script === "hostile") trouble.splice(complaints, 1);
    process.stdout.write(JSON.stringify({ result, requests, trouble }));
  } finally {
    await context.close();
  }
}

main(JSON.parse(process.argv[2])).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
