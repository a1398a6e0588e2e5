// All classes as cards, with shared controls: add, undo, a menu, and the outcome of the last edit.

class ImageClasses {
  cards = new Map(); // by class name
  pending = []; // edits that Python has not confirmed yet
  last = 0; // number of the newest edit

  constructor(root) {
    this.root = root;
    root.innerHTML = `
      <header>
        <h3></h3><span class="total"></span>
        <button type="button" class="undo"></button>
        <details class="menu"><summary><span aria-hidden="true">⋯</span></summary><div class="entries"></div></details>
      </header>
      <ul class="cards"></ul>
      <div class="notice" role="status" hidden><div class="said"></div><button type="button" class="close">×</button></div>
      <footer><button type="button" class="start main"></button><button type="button" class="add"></button><p class="note"></p></footer>
      <input type="file" class="project" accept=".zip" hidden>`;
    const parts = { title: "h3", total: ".total", undo: ".undo", menu: ".menu", entries: ".entries", list: ".cards", notice: ".notice", add: ".add", start: ".start", note: ".note", project: ".project" };
    for (const [name, selector] of Object.entries(parts)) this[name] = root.querySelector(selector);
    this.listening = new AbortController();
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    on(this.add, "click", () => {
      this.toEnd = true;
      this.edit({ kind: "add" });
    });
    on(this.start, "click", () => this.edit({ kind: "action", value: this.data.start[0] }));
    on(this.undo, "click", () => this.edit({ kind: "undo" }));
    on(root.querySelector(".close"), "click", () => this.hideNotice());
    on(this.project, "change", () => {
      this.give("", [...this.project.files].map((file) => ({ file, path: file.name })));
      this.project.value = "";
    });
    on(root, "dragover", (event) => event.preventDefault()); // otherwise the browser would open the file
    on(root, "drop", async (event) => {
      const isHandled = event.defaultPrevented;
      event.preventDefault();
      if (isHandled) return; // handled by a card
      const files = await droppedFiles(event.dataTransfer);
      if (files.length && files.every(({ path }) => /\.(zip|tm)$/i.test(path))) this.give("", files);
    });
    on(document, "pointerdown", (event) => event.composedPath().includes(this.menu) || (this.menu.open = false));
    on(this.entries, "click", ({ target }) => {
      if (target.closest("button, a")) this.menu.open = false;
    });
    this.sizes = new ResizeObserver(() => this.cards.forEach((card) => card.data && card.lay()));
    this.sizes.observe(this.list);
  }

  destroy() {
    clearTimeout(this.hiding);
    this.listening.abort();
    this.sizes.disconnect();
    this.cards.forEach((card) => card.destroy());
  }

  show(data) {
    const { words, classes } = data;
    this.data = data;
    if (this.exchange?.address !== data.address) this.exchange = new Exchange(data.address);
    this.last = Math.max(this.last, data.applied);
    this.pending = this.pending.filter(({ number }) => number > data.applied);
    if (this.pending.length) this.send();
    const total = classes.reduce((sum, { images }) => sum + images.length, 0);
    this.title.textContent = words.classes;
    this.total.textContent = fill(total === 1 ? words.one : words.many, { count: total });
    this.undo.textContent = words.undo;
    this.undo.title = data.undo ?? "";
    this.undo.disabled = !data.undo;
    this.add.textContent = `+ ${words.add}`;
    this.add.setAttribute("aria-label", words.add);
    this.add.disabled = classes.length >= data.maxClasses;
    this.add.title = this.add.disabled ? fill(words.full, { most: data.maxClasses }) : "";
    this.start.hidden = !data.start;
    this.start.textContent = data.start?.[1] ?? "";
    this.start.title = data.actions.find(([value]) => value === data.start?.[0])?.[1] ?? "";
    this.add.classList.toggle("main", !data.start);
    this.note.textContent = data.note;
    this.showMenu();
    this.showCards();
    if (data.notice && data.notice.number !== this.noticed) {
      this.noticed = data.notice.number;
      this.say(data.notice);
    } else if (!data.notice) this.hideNotice();
  }

  showCards() {
    const { classes } = this.data, names = new Set(classes.map(({ name }) => name)), before = [...this.cards.keys()];
    for (const [at, [name, card]] of [...this.cards].entries()) {
      if (names.has(name)) continue;
      const isOther = (each) => each && !this.cards.has(each.name);
      const renamed =
        classes.length === before.length && isOther(classes[at])
          ? classes[at] // at the same place
          : classes.find((each) => each.images.length && isOther(each) && each.images[0][0] === card.data.images[0]?.[0]);
      this.cards.delete(name);
      if (renamed) this.cards.set(renamed.name, card);
      else card.destroy();
    }
    classes.forEach((each, at) => {
      const isNew = !this.cards.has(each.name);
      if (isNew) this.cards.set(each.name, new Card(this));
      const card = this.cards.get(each.name);
      if (this.list.children[at] !== card.root) this.list.insertBefore(card.root, this.list.children[at] ?? null);
      card.show(each);
      if (isNew && this.toEnd) {
        this.toEnd = false;
        card.root.scrollIntoView({ block: "nearest" });
        card.input.focus();
        card.input.select();
      }
    });
  }

  showMenu() {
    const { words, actions, download } = this.data;
    const summary = this.menu.querySelector("summary");
    summary.title = words.menu;
    summary.setAttribute("aria-label", words.menu);
    const button = (text, pressed) => {
      const entry = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      entry.addEventListener("click", pressed);
      return entry;
    };
    const [label, name, file] = download;
    const save = Object.assign(document.createElement("a"), { textContent: label, href: this.exchange.url(name), download: file });
    this.entries.replaceChildren(
      ...actions.map(([value, text]) => button(text, () => this.edit({ kind: "action", value }))),
      save,
      button(words.open, () => this.project.click()),
    );
  }

  // ---- Messages to Python

  edit(edit) {
    this.pending.push({ number: ++this.last, ...edit });
    this.send();
  }

  send() {
    this.component.setTriggerValue("edits", this.pending);
  }

  // Sends files to the server one by one, then reports them to Python. A value is a choice of a notice.
  async give(name, files, value = "") {
    if (!files.length) return;
    this.given = { name, files };
    const { words } = this.data, total = files.length, sent = [];
    try {
      for (const { file, path } of files) {
        if (total > 1) this.say({ kind: "good", text: fill(words.uploading, { done: sent.length, total }), details: [] });
        sent.push({ id: await this.exchange.keep(file), path });
      }
    } catch {
      this.say({ kind: "warning", text: words.failed, details: [] });
      if (!sent.length || value) return; // a choice replaces the upload before only by a whole one
    }
    this.edit({ kind: "files", name, value, files: sent });
  }

  // ---- Notices

  say({ kind, text, details, choices = [] }) {
    const said = this.notice.querySelector(".said"), first = Object.assign(document.createElement("p"), { textContent: text });
    const lines = details.map((line) => Object.assign(document.createElement("li"), { textContent: line }));
    const list = document.createElement("ul");
    list.append(...lines);
    const buttons = (this.given ? choices : []).map(([value, label]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.addEventListener("click", () => this.give(this.given.name, this.given.files, value));
      return button;
    });
    said.replaceChildren(first, ...(lines.length ? [list] : []), ...buttons);
    this.notice.querySelector(".close").setAttribute("aria-label", this.data.words.close);
    this.notice.dataset.kind = kind;
    this.notice.hidden = false;
    clearTimeout(this.hiding);
    if (kind === "good" && !buttons.length) this.hiding = setTimeout(() => this.hideNotice(), details.length ? 15_000 : 6_000);
  }

  hideNotice() {
    this.notice.hidden = true;
  }

  closeCameras() {
    this.cards.forEach((card) => card.closeCamera());
  }
}

export default mount(".image-classes", ImageClasses);
