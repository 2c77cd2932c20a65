// The live board: what changed, how old it is, and logging by keys that waits out a lost network.
(() => {
  "use strict";
  const body = document.body;
  const tiles = document.getElementById("tiles");
  const one = (selector, within = document) => within.querySelector(selector);
  const say = (text, values = {}) => (text || "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // ---- What was entered, kept in this browser until the server has it.
  class Queue {
    constructor(name, send, told) {
      this.name = name;
      this.send = send;
      this.told = told;
      this.sending = false;
      this.lost = false;
      this.locked = false;
      this.items = this.read();
      addEventListener("online", () => this.flush());
      addEventListener("storage", (event) => {
        if (event.key === this.name && !this.sending) { this.items = this.read(); this.told(this); }
      });
      setInterval(() => this.flush(), 4000);
    }
    read() {
      try { return JSON.parse(localStorage.getItem(this.name)) || []; } catch { return this.items || []; }
    }
    write() {
      try { localStorage.setItem(this.name, JSON.stringify(this.items)); } catch { /* kept in memory */ }
      this.told(this);
    }
    add(item) {
      this.items = [...this.read(), item];
      this.write();
      this.flush();
    }
    get waiting() { return this.items.filter((item) => !item.refused); }
    async flush() {
      const [next] = this.waiting;
      if (!next || this.sending) return;
      this.sending = true;
      let again = false;
      try {
        const answer = await this.send(next);
        this.lost = false;
        this.locked = answer.status === 401 || answer.redirected;
        if (answer.ok && !answer.redirected) {
          this.items = this.read().filter((item) => item.key !== next.key);
          again = true;
        } else if ([400, 403, 404, 409, 413, 422].includes(answer.status)) {
          const why = await answer.json().catch(() => ({}));
          const reason = (document.documentElement.lang === "vi" ? why.reason_vi : why.reason_en) || String(answer.status);
          this.items = this.read().map((item) => (item.key === next.key ? { ...item, refused: reason } : item));
          again = true;
        }
      } catch {
        this.lost = true;
      } finally {
        this.sending = false;
        this.write();
      }
      if (again) this.flush();
    }
    drop(key) {
      this.items = this.read().filter((item) => item.key !== key);
      this.write();
    }
  }

  // Photos that wait are too large for the queue's own place: the browser's database has them.
  class Pictures {
    constructor() {
      this.shown = new Map();
      this.opened = new Promise((resolve) => {
        try {
          const asked = indexedDB.open("wanwatch", 1);
          asked.onupgradeneeded = () => asked.result.createObjectStore("photos");
          asked.onsuccess = () => resolve(asked.result);
          asked.onerror = () => resolve(null);
        } catch { resolve(null); }
      });
    }
    async within(mode, work) {
      const database = await this.opened;
      if (!database) return undefined;
      return new Promise((resolve) => {
        try {
          const transaction = database.transaction("photos", mode);
          const asked = work(transaction.objectStore("photos"));
          transaction.oncomplete = () => resolve(asked.result);
          transaction.onerror = transaction.onabort = () => resolve(undefined);
        } catch { resolve(undefined); }
      });
    }
    async put(key, content) {
      this.shown.set(key, content);
      await this.within("readwrite", (store) => store.put(content, key));
    }
    async get(key) { return this.shown.get(key) || this.within("readonly", (store) => store.get(key)); }
    drop(key) {
      this.shown.delete(key);
      this.within("readwrite", (store) => store.delete(key));
    }
  }
  // As large as is needed to see a cable or a lamp: it travels over the line of the conference.
  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 1600 / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
      return made && made.size < file.size ? made : file;
    } catch { return file; }
  }

  // Not crypto.randomUUID: that is there over TLS alone.
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
  const post = (url, key, content) => fetch(url, {
    method: "POST", credentials: "same-origin", redirect: "follow",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key, Accept: "application/json" },
    body: JSON.stringify({ ...content, sent_at: new Date().toISOString() }),
  });

  // ---- The roll call: one key per answer; the page itself comes from the server.
  const call = one("[data-roll-call]");
  if (call) {
    const live = () => one("[data-roll-call]");
    const notice = document.getElementById("queue");
    const queue = new Queue("wanwatch.answers." + location.pathname, ({ key, points, answer: code, at }) => post(live().dataset.rollCall, key, { answers: [{ key, points, answer: code, at }] }), (now) => {
      const bar = document.getElementById("queue") || notice;
      const left = now.waiting.length;
      bar.hidden = !left && !now.items.length;
      if (left) bar.textContent = say(now.locked ? bar.dataset.locked : bar.dataset.waiting, { n: left });
      else bar.textContent = now.items.map((item) => say(bar.dataset.refused, { name: item.name, why: item.refused })).join(" ");
    });
    const rows = () => [...document.querySelectorAll("tr[data-order]")];
    const picked = () => rows().filter((row) => one("input", row).checked);
    const answer = (code) => {
      const points = picked().map((row) => Number(row.dataset.order));
      if (!points.length) return;
      const name = one(`button[value="${CSS.escape(code)}"]`).dataset.name;
      queue.add({ key: newKey(), points, answer: code, at: new Date().toISOString(), name });
      for (const row of picked()) {
        one("input", row).checked = false;
        if (code !== "later") { row.classList.remove("to-call"); row.classList.add("settled"); }
        row.classList.remove("current");
      }
      const [next, after] = rows().filter((row) => row.classList.contains("to-call") && !points.includes(Number(row.dataset.order)));
      show(".now-calling", next, true);
      show(".next-calling", after, false);
    };
    const show = (where, row, choose) => {
      const box = one(where);
      if (!row) { box.replaceChildren(one("small", box)); return; }
      const name = Object.assign(document.createElement("strong"), { textContent: row.dataset.name });
      const who = Object.assign(document.createElement("span"), { textContent: row.dataset.technician + " " });
      if (choose) { name.id = "current"; name.dataset.order = row.dataset.order; one("input", row).checked = true; row.classList.add("current"); }
      if (row.dataset.phone) who.append(Object.assign(document.createElement("a"), { className: "phone", href: "tel:" + row.dataset.phone.replace(/ /g, ""), textContent: row.dataset.shownPhone }));
      box.replaceChildren(one("small", box), name, who);
    };
    document.addEventListener("click", (event) => {
      const pick = event.target.closest("[data-pick]");
      if (pick) for (const row of rows()) one("input", row).checked = pick.dataset.pick === "all" || (pick.dataset.pick === "left" && row.classList.contains("to-call"));
      const button = event.target.closest("button[data-key]");
      if (button) { event.preventDefault(); answer(button.value); }
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
      const button = one(`button[data-key="${CSS.escape(event.key)}"]`);
      if (button) { event.preventDefault(); answer(button.value); }
    });
    queue.told(queue);
    return;
  }

  // ---- The board.
  if (!tiles) return;
  const given = JSON.parse(body.dataset.board);
  const words = given.words;
  const number = body.dataset.session;
  const staleAfter = Number(body.dataset.staleAfter) * 1000;
  const fields = ["picture", "sound", "path", "call"];
  // Drawn once: a page of 200 points with every sign in every field is a megabyte.
  const signs = new Map([...document.getElementById("signs").content.children].map((sign) => [sign.dataset.sign, [...sign.children]]));
  const points = new Map(given.points.map((point) => [point.o, { ...point, at: [], face: null }]));
  const stale = document.getElementById("stale");
  const heardSign = document.getElementById("heard");
  let heardAt = performance.now();
  let serverOffset = 0;
  let over = false;
  const serverNow = () => performance.now() / 1000 + serverOffset;
  const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const age = (seconds) => {
    if (seconds < 60) return `${Math.floor(seconds)} s`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} ′`;
    return `${Math.floor(seconds / 3600)} h`;
  };
  tiles.dataset.many = points.size > 60 ? "1" : "0";

  function paint(news) {
    const point = points.get(news.o);
    const tile = document.getElementById("point-" + news.o);
    if (!point || !tile) return;
    const face = point.face = { ...point.face, ...news, c: { ...point.face?.c, ...news.c } };
    tile.dataset.v = face.v;
    for (const name of fields) {
      const cell = face.c[name];
      const row = one(`[data-f="${name}"]`, tile);
      const place = one(".s", row);
      if (row.dataset.v !== cell.v || !place.firstChild) place.replaceChildren(...(signs.get(cell.v) || []).map((sign) => sign.cloneNode(true)));
      row.dataset.v = cell.v;
      const text = cell.w ? `${cell.t} · ${cell.w}` : cell.t;
      write(one(".t", row), text);
      row.title = text;
    }
    marks(point);
  }

  function marks(point) {
    const list = one("#point-" + point.o + " .symptoms");
    const waiting = queue && photos ? [...queue.waiting, ...photos.waiting].filter((item) => item.point === point.o) : [];
    const items = [
      ...(point.face ? point.face.s.map((mark) => [mark.name, ""]) : []),
      ...waiting.map((item) => [item.name, item.kind === "restored" ? "restored" : "waiting"]),
    ];
    list.replaceChildren(...items.map(([text, kind]) => Object.assign(document.createElement("li"), { textContent: text, className: kind })));
  }

  function counts() {
    const found = {};
    for (const { face } of points.values()) if (face) found[face.v] = (found[face.v] || 0) + 1;
    const shown = ["no_go", "warning", "not_checked", "go"].map((name) => Object.assign(document.createElement("span"), {
      className: "c-" + name, textContent: `${words["board.js.count." + name]} ${found[name] || 0}`,
    }));
    document.getElementById("counts").replaceChildren(...shown);
  }

  // Incidents of the session: seen, and never heard. Whoever answers at the board answers for them.
  function ring(alarms) {
    const list = document.getElementById("alarms");
    list.hidden = !alarms.length;
    list.replaceChildren(...alarms.map((alarm) => {
      const line = document.createElement("li");
      line.className = alarm.until == null ? "answered" : "unanswered";
      line.dataset.at = alarm.at;
      if (alarm.until != null) line.dataset.until = alarm.until;
      const code = Object.assign(document.createElement(mayLog ? "a" : "b"), { textContent: `${alarm.sev} ${alarm.code}` });
      if (mayLog) Object.assign(code, { href: "/incidents/" + encodeURIComponent(alarm.code), target: "_blank" });
      line.append(code, Object.assign(document.createElement("span"), { className: "title", textContent: alarm.title }), Object.assign(document.createElement("span"), { className: "since" }));
      return line;
    }));
  }

  function take(news) {
    heard(news.now);
    if (news.alarms) ring(news.alarms);
    for (const face of news.tiles || []) paint(face);
    for (const [place, ages] of Object.entries(news.ages || {})) {
      const point = points.get(Number(place));
      if (point) point.at = ages.map((seconds) => (seconds < 0 ? null : news.now - seconds));
    }
    if (news.stage) {
      const stage = document.getElementById("stage");
      stage.dataset.stage = news.stage;
      write(stage, words["board.js.stage." + news.stage]);
      over = ["ended", "reported", "cancelled"].includes(news.stage);
    }
    counts();
    tick();
  }

  function heard(now) {
    heardAt = performance.now();
    serverOffset = now - heardAt / 1000;
    heardSign.dataset.state = "on";
    write(heardSign.lastElementChild, words["board.js.on"]);
  }

  function tick() {
    for (const point of points.values()) {
      const tile = document.getElementById("point-" + point.o);
      fields.forEach((name, place) => {
        const at = point.at[place];
        write(one(`[data-f="${name}"] .a`, tile), at == null ? "" : age(Math.max(0, serverNow() - at)));
      });
    }
    for (const line of document.querySelectorAll("#alarms li")) {
      const left = Number(line.dataset.until) - serverNow();
      const since = age(Math.max(0, serverNow() - Number(line.dataset.at)));
      // Only who can answer here keeps the telephones quiet meanwhile.
      const open = !mayLog ? words["board.js.alarm_open"] : left > 0 ? say(words["board.js.alarm_left"], { left: `${Math.ceil(left)} s` }) : words["board.js.alarm_late"];
      const answer = line.dataset.until ? open : words["board.js.alarm_answered"];
      write(one(".since", line), `${since} · ${answer}`);
    }
    const silence = performance.now() - heardAt;
    const isStale = silence > staleAfter && !over;
    body.classList.toggle("is-stale", isStale);
    stale.hidden = !isStale && !over;
    if (over) write(stale, words["board.js.over"]);
    else if (isStale) { write(stale, say(words["board.js.stale"], { span: age(silence / 1000) })); heardSign.dataset.state = "stale"; }
  }

  function listen() {
    const source = new EventSource(`/sessions/${number}/live/events`);
    source.addEventListener("board", (event) => take(JSON.parse(event.data)));
    source.addEventListener("heartbeat", (event) => heard(JSON.parse(event.data).now));
    source.addEventListener("over", () => { over = true; source.close(); tick(); });
    // A refusal closes for good: try again by ourselves, a wall display has nobody to press anything.
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED && !over) setTimeout(listen, 5000);
    });
    // A connection can die without anybody being told.
    const watch = setInterval(() => {
      if (over || source.readyState === EventSource.CLOSED) clearInterval(watch);
      else if (performance.now() - heardAt > staleAfter + 5000) { clearInterval(watch); source.close(); heardAt = performance.now() - staleAfter; listen(); }
    }, 2000);
  }

  // ---- Logging: a point by letters, number or tap, then one key.
  const mayLog = Boolean(body.dataset.mayLog);
  const typedLine = document.getElementById("typed");
  const keys = document.getElementById("keys");
  const form = document.getElementById("words");
  const input = document.getElementById("words-text");
  let typed = "";
  let chosen = null;
  let wording = null;
  const queue = mayLog ? new Queue("wanwatch.log." + number, (item) => post(`/api/v1/sessions/${number}/log`, item.key, { entries: [entry(item)] }), showQueue) : null;
  // Photos have a queue of their own: a symptom does not wait for one that takes long.
  const pictures = mayLog ? new Pictures() : null;
  const photos = mayLog ? new Queue("wanwatch.photos." + number, sendPhoto, showQueue) : null;

  function entry({ kind, key, at, point, code, text, data }) { return { kind, key, at, point, code, text, data }; }

  async function sendPhoto(item) {
    const content = await pictures.get(item.key);
    if (!content) return new Response(JSON.stringify({ reason_vi: words["board.js.photo_gone"], reason_en: words["board.js.photo_gone"] }), { status: 409 });
    const about = new URLSearchParams({ key: item.key, point: item.point, at: item.at, sent_at: new Date().toISOString() });
    const answer = await fetch(`/api/v1/sessions/${number}/photos?${about}`, {
      method: "POST", credentials: "same-origin", redirect: "follow", headers: { Accept: "application/json" }, body: content,
    });
    if (answer.ok && !answer.redirected) pictures.drop(item.key);
    return answer;
  }

  function showQueue() {
    if (!queue || !photos) return;
    const bar = document.getElementById("queue");
    const waiting = [...queue.waiting, ...photos.waiting];
    const left = waiting.length;
    const isLocked = queue.locked || photos.locked;
    const refused = [queue, photos].flatMap((from) => from.items.filter((item) => item.refused).map((item) => [from, item]));
    bar.hidden = !left && !refused.length;
    bar.replaceChildren();
    if (left) bar.append(say(words[isLocked ? "board.js.locked" : "board.js.waiting"], { n: left }));
    if (left && isLocked) bar.append(Object.assign(document.createElement("a"), { href: "/login?next=" + encodeURIComponent(location.pathname), textContent: " " + words["board.js.login"], target: "_blank" }));
    for (const [from, item] of refused) {
      const line = Object.assign(document.createElement("span"), { className: "refused", textContent: say(words["board.js.refused"], { name: item.name, why: item.refused }) });
      const button = Object.assign(document.createElement("button"), { type: "button", className: "small", textContent: words["board.js.dismiss"] });
      button.addEventListener("click", () => { from.drop(item.key); if (from === photos) pictures.drop(item.key); });
      line.append(button);
      bar.append(line);
    }
    for (const point of points.values()) marks(point);
  }

  // The beginning of a name, or letters that begin its words in order: "hth" is Hàm Thuận.
  function runs(letters, parts) {
    if (!letters) return true;
    if (!parts.length) return false;
    let most = 0;
    while (most < Math.min(parts[0].length, letters.length) && parts[0][most] === letters[most]) most++;
    for (let taken = most; taken > 0; taken--) {
      const rest = letters.slice(taken);
      for (let skip = 1; skip <= (rest ? parts.length : 1); skip++) if (runs(rest, parts.slice(skip))) return true;
    }
    return false;
  }
  const kinds = /^(diem cau|dang uy|thanh uy|huyen uy|thi uy|xa|phuong|thi tran) /;
  function bare(key) {
    let found = key.replace(/[^a-z0-9]+/g, " ").trim();
    while (kinds.test(found)) found = found.replace(kinds, "");
    return found;
  }
  function means(text) {
    const all = [...points.values()];
    if (/^\d+$/.test(text)) {
      const exact = points.get(Number(text));
      return exact ? [exact] : [];
    }
    const letters = text.replace(/ /g, "");
    const exact = all.filter((point) => bare(point.key).replace(/ /g, "") === letters);
    const begun = exact.length ? exact : all.filter((point) => runs(letters, bare(point.key).split(" ")));
    return begun.length ? begun : all.filter((point) => point.key.includes(text));
  }

  function plain(key) { return key.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐÐðƉɖ]/g, "d").toLowerCase(); }

  function choose(point) {
    chosen = point;
    typed = "";
    wording = null;
    draw();
    if (point) document.getElementById("point-" + point.o).scrollIntoView({ block: "nearest" });
  }

  function draw() {
    if (!mayLog) return;
    const found = typed ? means(typed) : [];
    for (const point of points.values()) {
      const tile = document.getElementById("point-" + point.o);
      tile.classList.toggle("chosen", chosen === point);
      tile.classList.toggle("found", found.includes(point));
      tile.classList.toggle("passed", Boolean(typed) && !found.includes(point));
    }
    typedLine.hidden = !typed && !chosen;
    typedLine.replaceChildren();
    if (chosen) {
      const away = Object.assign(document.createElement("button"), { type: "button", id: "let-go", className: "small", textContent: "✕" });
      away.setAttribute("aria-label", words["board.js.let_go"]);
      away.addEventListener("click", () => choose(null));
      typedLine.append(away, ` ${chosen.o}. ${chosen.name} `);
      if (chosen.phone) typedLine.append(Object.assign(document.createElement("a"), { href: "tel:" + chosen.phone.replace(/ /g, ""), textContent: `${chosen.technician} ${chosen.phone}` }));
    } else if (typed) {
      typedLine.append(`${typed}▏ ` + (found.length ? found.slice(0, 6).map((point) => `${point.o}. ${point.name}`).join(" · ") : words["board.js.none"]));
    }
    keys.hidden = !chosen || Boolean(wording);
    form.hidden = !wording;
    if (!keys.hidden && !keys.childElementCount) {
      keys.append(...[...given.symptoms.map((item) => ({ ...item, kind: "symptom" })), ...given.commands.map((item) => ({ ...item, kind: item.code }))].map((item) => {
        const button = Object.assign(document.createElement("button"), { type: "button" });
        button.dataset.key = item.key;
        button.append(Object.assign(document.createElement("kbd"), { textContent: item.key }), " " + item.name);
        button.addEventListener("click", () => act(item));
        return button;
      }));
    }
  }

  function measured(point) {
    if (!point.face) return {};
    return Object.fromEntries(fields.map((name, place) => {
      const cell = point.face.c[name];
      const at = point.at[place];
      return [name, { verdict: cell.v, value: cell.t, age_seconds: at == null ? null : Math.round(serverNow() - at) }];
    }));
  }

  function log(item, text = "") {
    const isSymptom = item.kind === "symptom";
    queue.add({
      kind: item.kind, key: newKey(), at: new Date().toISOString(), point: item.kind === "secretariat" && !chosen ? 0 : chosen.o,
      code: isSymptom ? item.code : "", text, name: item.name, data: { measured: chosen ? measured(chosen) : {} },
    });
  }

  const camera = document.getElementById("photo");
  let photographed = null;
  async function attach() {
    const [file] = camera.files;
    const item = photographed;
    camera.value = "";
    photographed = null;
    if (!file || !item) return;
    const key = newKey();
    await pictures.put(key, await smaller(file));
    photos.add({ key, point: item.point, at: new Date().toISOString(), name: item.name, kind: "photo" });
  }

  function act(item) {
    if (item.kind === "photo") {
      photographed = { point: chosen.o, name: item.name };
      choose(null);
      camera.click();
      return;
    }
    if (["note", "action", "fallback"].includes(item.kind)) {
      wording = item;
      document.getElementById("words-label").textContent = item.name;
      draw();
      input.value = "";
      input.focus();
      return;
    }
    log(item);
    choose(null);
  }

  function pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") { choose(null); input.blur(); event.preventDefault(); return; }
    if (event.target === input || event.target.tagName === "BUTTON" && event.key === "Enter") return;
    const command = given.commands.find((item) => item.key === event.key);
    if (!chosen && !typed && command && command.code === "secretariat") {
      event.preventDefault();
      log({ ...command, kind: command.code });
      return;
    }
    if (chosen) {
      const symptom = given.symptoms.find((item) => item.key === plain(event.key));
      if (symptom || command) {
        event.preventDefault();
        act(symptom ? { ...symptom, kind: "symptom" } : { ...command, kind: command.code });
      }
      return;
    }
    if (event.key === "Enter" || event.key === " " || event.key === "Tab" && typed) {
      const tile = event.target.closest?.(".tile-live");
      const [first] = typed ? means(typed) : tile ? [points.get(Number(tile.dataset.order))] : [];
      if (first) { event.preventDefault(); choose(first); }
      return;
    }
    if (event.key === "Backspace") { typed = typed.slice(0, -1); draw(); return; }
    if (event.key.length === 1 && /[\p{L}\p{N}]/u.test(event.key)) {
      event.preventDefault();
      typed = (typed + plain(event.key)).slice(0, 12);
      draw();
    }
  }

  if (mayLog) {
    document.addEventListener("keydown", pressed);
    tiles.addEventListener("click", (event) => {
      const tile = event.target.closest(".tile-live");
      if (tile) choose(points.get(Number(tile.dataset.order)));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      log(wording, input.value.trim());
      choose(null);
      input.blur();
    });
    const secretariat = document.getElementById("secretariat");
    secretariat.addEventListener("click", () => {
      chosen = null;
      log({ ...given.commands.find((item) => item.code === "secretariat"), kind: "secretariat" });
      secretariat.textContent = "✓ " + secretariat.textContent.replace(/^✓ /, "");
      choose(null);
    });
    camera.addEventListener("change", attach);
    showQueue();
    queue.flush();
    photos.flush();
  }
  take(given.first);
  listen();
  setInterval(tick, 1000);
})();
