// What changes on a screen of the desk is put into it as the server tells it. Without this script the page reloads
// itself twice a minute.
"use strict";
const live = document.getElementById("live");
let source;
addEventListener("pageshow", () => {
  source = new EventSource(live.dataset.pulse + "?q=" + encodeURIComponent(location.pathname + location.search));
  source.onmessage = (event) => {
    // What somebody is reading or about to press stays where it is.
    if (live.contains(document.activeElement) || live.querySelector("details[open]")) return;
    live.innerHTML = event.data;
  };
});
// A browser keeps a page for the way back, and has six connections to one server: after a few screens that went on
// listening there, none would be left to open the next one.
addEventListener("pagehide", () => source.close());
