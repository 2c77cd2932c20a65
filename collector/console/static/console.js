// The page's own script: refresh what changed, count seconds, and say so when news stop coming.
(() => {
  "use strict";
  const body = document.body;
  const words = JSON.parse(body.dataset.words || "{}");
  const staleAfter = Number(body.dataset.staleAfter || 20) * 1000;
  const source = document.getElementById("feed-source");
  const feed = document.getElementById("feed");
  const banner = document.getElementById("stale");
  // The server's clock rules: ages must not depend on how this device's clock is set.
  let offset = Date.parse(body.dataset.now) - Date.now();
  let heardAt = performance.now();
  let heardTime = Date.parse(body.dataset.now);
  let connection = null;
  let connectedBefore = false;
  let nudgedAt = 0;

  const now = () => Date.now() + offset;
  const say = (key, values = {}) =>
    (words[key] || key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  function span(milliseconds) {
    let rest = Math.max(0, Math.floor(milliseconds / 1000));
    const steps = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
    for (let i = 0; i < steps.length - 1; i++) {
      const [name, size] = steps[i];
      if (rest < size) continue;
      const [nextName, nextSize] = steps[i + 1];
      const left = Math.floor((rest % size) / nextSize);
      const first = say("span." + name, { n: Math.floor(rest / size) });
      return left ? first + " " + say("span." + nextName, { n: left }) : first;
    }
    return say("span.second", { n: rest });
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    for (const element of document.querySelectorAll("time[data-age]")) {
      write(element, say("age.ago", { span: span(now() - Date.parse(element.dateTime)) }));
    }
    for (const element of document.querySelectorAll("time[data-due]")) {
      const left = Date.parse(element.dateTime) - now();
      element.classList.toggle("overdue", left <= 0);
      write(element, say(left > 0 ? "age.left" : "age.overdue", { span: span(Math.abs(left)) }));
    }
    judge();
  }

  function judge() {
    const silence = performance.now() - heardAt;
    const stale = silence > staleAfter;
    body.classList.toggle("is-stale", stale);
    banner.hidden = !stale;
    if (stale) {
      const clock = new Intl.DateTimeFormat("vi-VN", {
        timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit",
      }).format(new Date(heardTime));
      write(banner.lastElementChild, say("live.stale_since", { time: clock, span: span(silence) }));
      show("stale");
      nudge();
    }
  }

  // A connection can die without anybody being told: give it up and open another.
  function nudge() {
    if (!source || !window.htmx || performance.now() - nudgedAt < 5000) return;
    nudgedAt = performance.now();
    connection?.reader?.cancel();
    window.htmx.trigger(source, "reconnect");
  }

  function show(state) {
    feed.dataset.state = state;
    write(feed.lastElementChild, say("live." + state));
  }

  function heard(serverTime) {
    heardAt = performance.now();
    if (serverTime) {
      heardTime = Date.parse(serverTime);
      offset = heardTime - Date.now();
    }
    show("on");
    judge();
  }

  // A part names what it shows: "incident", "host:ID", or "host~" for what may come late.
  function concerns(token, changed) {
    const [kind, ...id] = token.replace("~", "").split(":");
    const ids = changed[kind];
    return Boolean(ids) && (id.length === 0 || ids.includes(id.join(":")));
  }

  function refresh(changed) {
    if (!window.htmx) return;
    for (const element of document.querySelectorAll("[data-live]")) {
      const found = element.dataset.live.split(" ").filter((token) => !changed || concerns(token, changed));
      if (found.length === 0) continue;
      const soon = !changed || found.some((token) => !token.endsWith("~"));
      window.htmx.trigger(element, soon ? "refresh" : "drift");
    }
  }

  document.addEventListener("heartbeat", (event) => heard(JSON.parse(event.detail.data).now));
  document.addEventListener("changed", (event) => {
    heard(null);
    refresh(JSON.parse(event.detail.data));
  });
  document.addEventListener("htmx:after:sse:connection", (event) => {
    connection = event.detail.connection;
    // What happened while the connection was away is not told again: read everything once.
    if (connectedBefore) refresh(null);
    connectedBefore = true;
  });
  document.addEventListener("htmx:sse:error", (event) => {
    if (event.detail.status === 401) location.assign("/login");
  });
  document.addEventListener("htmx:after:swap", tick);
  setInterval(tick, 1000);
  tick();
})();
