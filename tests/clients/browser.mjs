// What a person with a browser meets: every screen in Chromium, at 320, 360 and 1280 pixels, by day and by night.
//
//   node browser.mjs AXE_FILE PROFILE_FOLDER http://HOST:PORT PATH...
//
// Chromium is driven through its pipe, so nothing but Node and axe-core is needed. A fault is a line; the exit code says
// whether there was one. With SEXTANT_TEST_SHOTS=FOLDER every screen is also kept as a picture, to be looked at.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [axeFile, profile, base, ...paths] = process.argv.slice(2);
const axe = readFileSync(axeFile, "utf8");
const shots = process.env.SEXTANT_TEST_SHOTS;
const BUDGET = 40_000;
const faults = [];

const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe", `--user-data-dir=${profile}`];
const chromium = spawn("chromium", flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
chromium.on("error", () => { console.log("no chromium"); process.exit(2); });
const [to, from] = [chromium.stdio[3], chromium.stdio[4]];
const waiting = new Map();
const listeners = new Set();
let rest = "", count = 0, session;
from.on("data", (bytes) => {
    const parts = (rest + bytes).split("\0");
    rest = parts.pop();
    for (const message of parts.map((part) => JSON.parse(part))) {
        const { ok, no } = waiting.get(message.id) ?? {};
        waiting.delete(message.id);
        if (message.error) no?.(new Error(message.error.message));
        else if (message.id) ok?.(message.result);
        else listeners.forEach((listener) => listener(message));
    }
});
const send = (method, params = {}) => new Promise((ok, no) => {
    waiting.set(++count, { ok, no });
    to.write(JSON.stringify({ id: count, method, params, sessionId: session }) + "\0");
});
const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
};
// Runs something and waits until the page that it leads to has loaded.
const led = async (step) => {
    const loaded = new Promise((ok, no) => {
        const late = setTimeout(() => no(new Error("no page came within 30 s")), 30_000);
        const listener = ({ method }) => {
            if (method !== "Page.loadEventFired") return;
            listeners.delete(listener);
            clearTimeout(late);
            ok();
        };
        listeners.add(listener);
    });
    await step();
    await loaded;
};
const open = (path) => led(() => send("Page.navigate", { url: base + path }));
const click = (selector) => led(() => evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`));
const expect = async (what, condition) => {
    if (!(await evaluate(`Boolean(${condition})`))) faults.push(`${what}: at ${await evaluate("location.href")} not ${condition}`);
};

try {
    const { targetId } = await send("Target.createTarget", { url: "about:blank" });
    ({ sessionId: session } = await send("Target.attachToTarget", { targetId, flatten: true }));
    await send("Page.enable");
    await send("Network.enable");

    // What a page of results costs who sees it for the first time, and that nobody else is asked for anything.
    let bytes = 0;
    const strangers = new Set();
    const network = ({ method, params }) => {
        if (method === "Network.loadingFinished") bytes += params.encodedDataLength;
        if (method === "Network.requestWillBeSent" && !params.request.url.startsWith(base)) strangers.add(params.request.url);
    };
    listeners.add(network);
    await open("/search?q=otter");
    // A headless browser shows no icon and asks for none.
    const icon = (await (await fetch(`${base}/favicon.svg`)).arrayBuffer()).byteLength;
    if (BUDGET < bytes + icon) faults.push(`a page of results costs ${bytes + icon} bytes`);
    console.log(`a page of results costs ${bytes + icon} bytes with style and icon`);

    for (const path of paths) {
        for (const [width, dark] of [[320, false], [360, false], [360, true], [1280, false], [1280, true]]) {
            const scheme = dark ? "dark" : "light";
            await send("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: width < 500 });
            await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
            await open(path);
            const where = `${path} at ${width} pixels, ${scheme}`;
            const wide = await evaluate("document.documentElement.scrollWidth");
            if (width < wide) faults.push(`${where}: it is ${wide} pixels wide`);
            await evaluate(axe);
            const found = await evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(
                ({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200) + " " + nodes[0].failureSummary.replace(/\\s+/g, " ").slice(0, 200)))`);
            faults.push(...found.map((violation) => `${where}: ${violation}`));
            if (shots) {
                mkdirSync(shots, { recursive: true });
                const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true });
                writeFileSync(`${shots}/${path.replace(/[^a-z0-9]+/gi, "_")}-${width}-${scheme}.png`, data, "base64");
            }
        }
    }
    listeners.delete(network);
    if (strangers.size) faults.push(`somebody else is asked: ${[...strangers].join(" ")}`);

    // Search, filter, page, subscribe, submit, as a visitor clicks through it.
    await open("/");
    await evaluate("document.querySelector('#q').value = 'otter lang:en'");
    await click("form button");
    await expect("search", "document.querySelector('.hits h2')");
    await expect("a filter that was typed", "document.querySelector('.active a').textContent.includes('English')");
    await click(".active a");
    await expect("without the filter", "!document.querySelector('.active')");
    await click("nav.pages a[rel=next]");
    await expect("the next page", "location.pathname === '/search/2' && document.querySelector('.hits h2')");
    await click(".hits .more a[href^='/page']");
    await expect("all that is known of a page", "document.querySelector('.verdict').textContent.includes('can be found')");
    await open("/search?q=otter");
    await expect("a feed to subscribe to", "document.querySelector('link[type=\"application/atom+xml\"]')");
    const subscription = await evaluate("document.querySelector('link[type=\"application/atom+xml\"]').href");
    const feed = await (await fetch(subscription)).text();
    if (!feed.includes("<feed") || !feed.includes("<entry>")) faults.push(`the subscription: ${feed.slice(0, 200)}`);
    await open("/add-seed");
    await evaluate("document.querySelector('#field').value = 'localhost'");
    await click("form.ask button");
    await expect("what is handed in is judged", "document.querySelector('.verdict').textContent.startsWith('Refused')");
} catch (error) {
    faults.push(String(error.stack));
}
faults.forEach((fault) => console.log(fault));
console.log(faults.length ? `${faults.length} faults` : `no fault on ${paths.length} screens`);
chromium.once("exit", () => process.exit(faults.length ? 1 : 0));
setTimeout(() => { chromium.kill("SIGKILL"); }, 5_000).unref();
await send("Browser.close").catch(() => {});
