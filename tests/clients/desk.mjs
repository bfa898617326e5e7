// What an admin with a browser meets: every screen of the desk in Chromium, at 360 and 1280 pixels, by day and by night, and
// every form, with the desk's few lines of script and without.
//
//   node desk.mjs AXE_FILE PROFILE_FOLDER http://HOST:PORT TOKEN quiet|busy
//
// `quiet` looks at a desk on which nothing has happened yet; `busy` at one with all that tests/desk_clients.rs puts there.
import { Browser } from "./chromium.mjs";

const [axeFile, profile, base, token, how] = process.argv.slice(2);
const SCREENS = ["", "/capsules", "/connections", "/runs", "/index", "/rules", "/reports", "/submissions", "/audit"].map((path) => `/admin${path}`);
const FURTHER = [
    "/admin/audit/2",
    "/admin/consider/exclude", "/admin/consider/exclude?q=gemini://garden.example/private/*", "/admin/consider/exclude?q=*.spam.example",
    "/admin/consider/purge", "/admin/consider/purge?q=gemini://garden.example/private/*", "/admin/consider/purge?q=nobody.example",
    "/admin/consider/pause", "/admin/consider/pause?q=slow.example", "/admin/consider/recrawl?q=gemini://", "/admin/consider/decline?q=1",
    "/admin/consider/rebuild?q=main", "/admin/nowhere",
];
const ALL = [[360, "light"], [360, "dark"], [1280, "light"], [1280, "dark"]];
const QUIET = [[360, "light"], [1280, "dark"]];
const browser = await Browser.start({ axeFile, profile, base });
const { faults } = browser;
const seen = (text) => `document.querySelector('main').innerText.includes(${JSON.stringify(text)})`;
const verdict = (text) => `document.querySelector('.verdict').innerText.includes(${JSON.stringify(text)})`;
// The row of one thing, as a selector of nothing else: the form of a deed to it.
const offered = (deed, target) => `form[action="/admin/do/${deed}"]:has(input[name=target][value=${JSON.stringify(target)}])`;

async function enter() {
    await browser.open("/admin/login");
    await browser.fill("#token", token);
    await browser.click("form button");
    await browser.expect("the token opens the desk", "location.pathname === '/admin' && document.querySelector('h1').innerText === 'Overview'");
}

// Types what a deed is to be done to into its field, and presses its button.
async function ask(screen, deed, target) {
    await browser.open(screen);
    await browser.fill(`#ask-${deed}`, target);
    await browser.click(`form:has(#ask-${deed}) button`);
}

// The forms of the desk, each to its end. Names are other ones with script than without.
async function forms(way, { again, still, apart, seed, report }) {
    await ask("/admin", "recrawl", again);
    await browser.expect(`${way}: a recrawl has its receipt`, `location.pathname === '/admin/runs' && ${verdict("was asked for")} && ${seen(again)}`);
    await ask("/admin/capsules", "pause", still);
    await browser.expect(`${way}: what is paused can be resumed`, `location.pathname === '/admin/capsules' && document.querySelector(${JSON.stringify(offered("resume", still))})`);
    await browser.expect(`${way}: what is paused is not offered to be paused`, `!document.querySelector(${JSON.stringify(offered("pause", still))})`);
    await browser.click(`${offered("resume", still)} button`);
    await browser.expect(`${way}: what is resumed is paused no more`, `!document.querySelector(${JSON.stringify(offered("resume", still))})`);
    await ask("/admin/rules", "exclude", apart);
    await browser.expect(`${way}: a dry run before anything is shut out`, `${verdict("It would drop")} && ${verdict("Nothing is done yet")}`);
    await browser.fill("#ask-exclude", "it is private");
    await browser.evaluate("document.querySelector('#shown-exclude').value = 'host'");
    await browser.click("form:has(#ask-exclude) button");
    await browser.expect(`${way}: the rule is carried out`, `location.pathname === '/admin/runs' && ${seen(apart)}`);
    await browser.open("/admin/rules");
    await browser.expect(`${way}: the rule stands in the list`, `${seen(apart)} && ${seen("it is private")}`);
    await ask("/admin/submissions", "seed", seed);
    await browser.expect(`${way}: what was planted is listed`, `location.pathname === '/admin/submissions' && ${seen(seed)}`);
    await browser.open("/admin/reports");
    await browser.click(`a[href="/admin/consider/decline?q=${report}"]`);
    await browser.expect(`${way}: the report is read before it is judged`, seen("It says"));
    await browser.fill("#ask-decline", `It stays, ${way}.`);
    await browser.click("form:has(#ask-decline) button");
    await browser.expect(`${way}: the report is settled`, `location.pathname === '/admin/reports' && ${seen(`It stays, ${way}.`)}`);
}

async function quiet() {
    await browser.open("/admin/login");
    await browser.look("quiet login", QUIET);
    await enter();
    for (const path of SCREENS) await browser.look(`quiet ${path}`, QUIET, () => browser.open(path));
}

async function busy() {
    await browser.look("/admin/login", ALL, () => browser.open("/admin/login"));
    await browser.fill("#token", "a guess");
    await browser.click("form button");
    await browser.expect("a wrong token is told", seen("That is not the token"));
    await browser.look("a wrong token", ALL);
    await enter();
    for (const path of [...SCREENS, ...FURTHER]) await browser.look(path, ALL, () => browser.open(path));

    // What happens elsewhere comes into the screen that is open.
    await browser.open("/admin/capsules");
    await browser.evaluate(`(async () => {
        const hand = document.querySelector("input[name=hand]").value;
        await fetch("/admin/do/pause", { method: "POST", body: new URLSearchParams({ hand, target: "meanwhile.example" }), redirect: "manual" });
        const end = Date.now() + 30_000;
        while (!${seen("meanwhile.example")}) {
            if (end < Date.now()) return;
            await new Promise((ok) => requestAnimationFrame(ok));
        }
    })()`);
    await browser.expect("what was done elsewhere is seen without another look", seen("meanwhile.example"));

    await forms("with script", { again: "garden.example", still: "meadow.example", apart: "gemini://garden.example/private/*", seed: "gemini://meadow.example/", report: 1 });
    await browser.send("Emulation.setScriptExecutionDisabled", { value: true });
    await forms("without script", { again: "meadow.example", still: "garden.example", apart: "gemini://meadow.example/old/*", seed: "gemini://garden.example/pond.gmi", report: 2 });
    await browser.click("header form button");
    await browser.expect("who leaves is out", "location.pathname === '/admin/login'");
}

try {
    await { quiet, busy }[how]();
} catch (error) {
    faults.push(String(error.stack));
}
await browser.end(`the ${how} desk`);
