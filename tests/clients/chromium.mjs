// Chromium as a person uses it: pages opened, fields filled, buttons pressed, every screen measured and judged.
//
// It is driven through its pipe, so nothing but Node and axe-core is needed. A fault is a line; the exit code says whether
// there was one. With SEXTANT_TEST_SHOTS=FOLDER every screen that is looked at is also kept as a picture.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-debugging-pipe"];
const PATIENCE = 60_000;

export class Browser {
    faults = [];
    listeners = new Set();
    #waiting = new Map();
    #count = 0;
    #session;

    // A browser with an empty profile of its own; `base` stands before every path.
    static async start({ axeFile, profile, base }) {
        const browser = new Browser();
        browser.base = base;
        browser.axe = readFileSync(axeFile, "utf8");
        browser.chromium = spawn("chromium", [...FLAGS, `--user-data-dir=${profile}`], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
        browser.chromium.on("error", () => { console.log("no chromium"); process.exit(2); });
        let rest = "";
        browser.chromium.stdio[4].on("data", (bytes) => {
            const parts = (rest + bytes).split("\0");
            rest = parts.pop();
            parts.forEach((part) => browser.#hear(JSON.parse(part)));
        });
        const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
        ({ sessionId: browser.#session } = await browser.send("Target.attachToTarget", { targetId, flatten: true }));
        await browser.send("Page.enable");
        await browser.send("Network.enable");
        return browser;
    }

    #hear(message) {
        const { ok, no } = this.#waiting.get(message.id) ?? {};
        this.#waiting.delete(message.id);
        if (message.error) no?.(new Error(message.error.message));
        else if (message.id) ok?.(message.result);
        else this.listeners.forEach((listener) => listener(message));
    }

    send(method, params = {}) {
        return new Promise((ok, no) => {
            this.#waiting.set(++this.#count, { ok, no });
            this.chromium.stdio[3].write(JSON.stringify({ id: this.#count, method, params, sessionId: this.#session }) + "\0");
        });
    }

    async evaluate(expression) {
        const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
        if (exceptionDetails) throw new Error(`${expression.slice(0, 200)}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
        return result.value;
    }

    // Runs something and waits until the page that it leads to has loaded.
    async led(what, step) {
        let listener, late;
        const loaded = new Promise((ok, no) => {
            late = setTimeout(() => no(new Error(`${what}: no page came within ${PATIENCE / 1000} s`)), PATIENCE);
            listener = ({ method }) => { if (method === "Page.loadEventFired") ok(); };
            this.listeners.add(listener);
        });
        try {
            await Promise.all([step(), loaded]);
        } finally {
            clearTimeout(late);
            this.listeners.delete(listener);
        }
    }

    open(path) { return this.led(path, () => this.send("Page.navigate", { url: this.base + path })); }

    click(selector) { return this.led(selector, () => this.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`)); }

    fill(selector, text) { return this.evaluate(`document.querySelector(${JSON.stringify(selector)}).value = ${JSON.stringify(text)}`); }

    async expect(what, condition) {
        if (await this.evaluate(`Boolean(${condition})`)) return;
        const shown = (await this.evaluate("document.querySelector('main').innerText")).replace(/\s+/g, " ").slice(0, 600);
        this.faults.push(`${what}: at ${await this.evaluate("location.href")} not ${condition}; it shows: ${shown}`);
    }

    // What keeps people from a screen: it is wider than the window, or axe-core finds something. `show` shows it in a window of
    // each size, by day and by night; where it is left out, the page that is there is looked at as it is.
    async look(name, windows, show = () => {}) {
        for (const [width, scheme] of windows) {
            await this.send("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: width < 500 });
            await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
            await show();
            const where = `${name} at ${width} pixels, ${scheme}`;
            const wide = await this.evaluate("document.documentElement.scrollWidth");
            if (width < wide) this.faults.push(`${where}: it is ${wide} pixels wide`);
            await this.evaluate(this.axe);
            const found = await this.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(
                ({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200) + " " + nodes[0].failureSummary.replace(/\\s+/g, " ").slice(0, 200)))`);
            this.faults.push(...found.map((violation) => `${where}: ${violation}`));
            await this.#shoot(`${name.replace(/[^a-z0-9]+/gi, "_")}-${width}-${scheme}.png`);
        }
    }

    async #shoot(file) {
        const shots = process.env.SEXTANT_TEST_SHOTS;
        if (!shots) return;
        mkdirSync(shots, { recursive: true });
        const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
        writeFileSync(`${shots}/${file}`, data, "base64");
    }

    // Tells the faults, closes the browser, and ends with whether there were any.
    async end(what) {
        this.faults.forEach((fault) => console.log(fault));
        console.log(this.faults.length ? `${this.faults.length} faults` : `no fault on ${what}`);
        this.chromium.once("exit", () => process.exit(this.faults.length ? 1 : 0));
        setTimeout(() => { this.chromium.kill("SIGKILL"); }, 5_000).unref();
        await this.send("Browser.close").catch(() => {});
    }
}
