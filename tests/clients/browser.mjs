// What a person with a browser meets: every screen in Chromium, at 320, 360 and 1280 pixels, by day and by night.
//
//   node browser.mjs AXE_FILE PROFILE_FOLDER http://HOST:PORT PATH...
import { Browser } from "./chromium.mjs";

const [axeFile, profile, base, ...paths] = process.argv.slice(2);
const WINDOWS = [[320, "light"], [360, "light"], [360, "dark"], [1280, "light"], [1280, "dark"]];
const BUDGET = 40_000;
const browser = await Browser.start({ axeFile, profile, base });
const { faults, listeners } = browser;

try {
    // What a page of results costs who sees it for the first time, and that nobody else is asked for anything.
    let bytes = 0;
    const strangers = new Set();
    const network = ({ method, params }) => {
        if (method === "Network.loadingFinished") bytes += params.encodedDataLength;
        if (method === "Network.requestWillBeSent" && !params.request.url.startsWith(base)) strangers.add(params.request.url);
    };
    listeners.add(network);
    await browser.open("/search?q=otter");
    // A headless browser shows no icon and asks for none.
    const icon = (await (await fetch(`${base}/favicon.svg`)).arrayBuffer()).byteLength;
    if (BUDGET < bytes + icon) faults.push(`a page of results costs ${bytes + icon} bytes`);
    console.log(`a page of results costs ${bytes + icon} bytes with style and icon`);

    for (const path of paths) await browser.look(path, WINDOWS, () => browser.open(path));
    listeners.delete(network);
    if (strangers.size) faults.push(`somebody else is asked: ${[...strangers].join(" ")}`);

    // Search, filter, page, subscribe, submit, as a visitor clicks through it.
    await browser.open("/");
    await browser.fill("#q", "otter lang:en");
    await browser.click("form button");
    await browser.expect("search", "document.querySelector('.hits h2')");
    await browser.expect("a filter that was typed", "document.querySelector('.active a').textContent.includes('English')");
    await browser.click(".active a");
    await browser.expect("without the filter", "!document.querySelector('.active')");
    await browser.click("nav.pages a[rel=next]");
    await browser.expect("the next page", "location.pathname === '/search/2' && document.querySelector('.hits h2')");
    await browser.click(".hits .more a[href^='/page']");
    await browser.expect("all that is known of a page", "document.querySelector('.verdict').textContent.includes('can be found')");
    await browser.open("/search?q=otter");
    await browser.expect("a feed to subscribe to", "document.querySelector('link[type=\"application/atom+xml\"]')");
    const subscription = await browser.evaluate("document.querySelector('link[type=\"application/atom+xml\"]').href");
    const feed = await (await fetch(subscription)).text();
    if (!feed.includes("<feed") || !feed.includes("<entry>")) faults.push(`the subscription: ${feed.slice(0, 200)}`);
    await browser.open("/add-seed");
    await browser.fill("#field", "localhost");
    await browser.click("form.ask button");
    await browser.expect("what is handed in is judged", "document.querySelector('.verdict').textContent.startsWith('Refused')");
} catch (error) {
    faults.push(String(error.stack));
}
await browser.end(`${paths.length} screens`);
