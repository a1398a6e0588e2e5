// The card of a class: its name, its images, and their actions.

const TILE = 43; // width of a thumbnail with its gap, in pixels
const ICONS = {
  upload: "M12 16V4m0 0L7 9m5-5 5 5M4 16v4h16v-4",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 17a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  empty: "M4 15 14 5l6 6-9 9H8zM9 10l6 6M11 20h9",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
};

function iconButton(icon, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `icon ${icon}`;
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  button.addEventListener("click", pressed);
  return button;
}

class Card {
  selected = new Set();
  expanded = false;

  constructor(board) {
    this.board = board;
    this.root = document.createElement("li");
    this.root.className = "card";
    this.root.innerHTML = `
      <div class="head"><input class="name" maxlength="30" enterkeyhint="done"><span class="count"></span></div>
      <ul class="tiles"></ul><p class="drop"></p>
      <div class="selection"><button type="button" class="drop-selected"></button><select class="move"></select></div>
      <input type="file" class="files" multiple hidden accept="image/*,.zip,.tm">`;
    const parts = { head: ".head", input: ".name", count: ".count", tiles: ".tiles", drop: ".drop", files: ".files", selection: ".selection", move: ".move" };
    for (const [name, selector] of Object.entries(parts)) this[name] = this.root.querySelector(selector);
    this.buttons = {
      upload: iconButton("upload", () => this.files.click()),
      camera: iconButton("camera", () => this.toggleCamera()),
      empty: iconButton("empty", () => this.edit("empty")),
      remove: iconButton("remove", () => this.edit("remove")),
    };
    this.head.append(...Object.values(this.buttons));
    this.listen();
  }

  listen() {
    const { input, root } = this;
    input.addEventListener("change", () => this.rename());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") input.value = this.data.title;
      if (key === "Enter" || key === "Escape") input.blur();
    });
    this.files.addEventListener("change", () => {
      this.give([...this.files.files].map((file) => ({ file, path: file.name })));
      this.files.value = "";
    });
    root.addEventListener("dragover", (event) => {
      event.preventDefault();
      root.classList.add("over");
    });
    root.addEventListener("dragleave", ({ relatedTarget }) => root.contains(relatedTarget) || root.classList.remove("over"));
    root.addEventListener("drop", async (event) => {
      event.preventDefault();
      root.classList.remove("over");
      this.give(await droppedFiles(event.dataTransfer));
    });
    this.drop.addEventListener("click", () => this.files.click());
    this.tiles.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (!button) return;
      if (button.dataset.key) this.select(button.dataset.key);
      else this.expand(!this.expanded);
    });
    this.selection.querySelector("button").addEventListener("click", () => this.editSelected("remove_images"));
    this.move.addEventListener("change", () => this.editSelected("move_images", this.move.value));
  }

  show(data) {
    const { words } = this.board.data;
    this.data = data;
    if (this.root.getRootNode().activeElement !== this.input) this.input.value = data.title;
    this.input.setAttribute("aria-label", words.name);
    this.count.textContent = fill(data.images.length === 1 ? words.one : words.many, { count: data.images.length });
    const named = { upload: words.upload, camera: words.record, empty: words.empty, remove: words.remove };
    for (const [name, text] of Object.entries(named)) {
      this.buttons[name].title = fill(text, { name: data.title });
      this.buttons[name].setAttribute("aria-label", this.buttons[name].title);
    }
    this.buttons.empty.disabled = !data.images.length;
    this.files.setAttribute("aria-label", this.buttons.upload.title);
    this.drop.textContent = data.images.length ? "" : words.drop;
    const keys = new Set(data.images.map(([key]) => key));
    this.selected.forEach((key) => keys.has(key) || this.selected.delete(key));
    this.lay();
    if (this.recorder) this.recorder.room = this.room;
  }

  get room() {
    return this.board.data.maxImages - this.data.images.length;
  }

  // As many tiles as fit in one row, or all of them.
  lay() {
    const { images } = this.data, { words } = this.board.data;
    const fits = Math.max(2, Math.floor((this.tiles.clientWidth + 4) / TILE));
    const some = this.expanded || images.length <= fits ? images : images.slice(0, fits - 1);
    const shown = some.map(([key, name]) => this.tile(key, name));
    if (images.length > fits) {
      const more = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.className = "more";
      button.textContent = this.expanded ? "−" : `+${images.length - some.length}`;
      button.title = this.expanded ? words.fewer : fill(words.more, { name: this.data.title });
      button.setAttribute("aria-label", button.title);
      more.append(button);
      shown.push(more);
    }
    this.tiles.replaceChildren(...shown);
    this.root.classList.toggle("expanded", this.expanded);
    this.root.classList.toggle("selecting", this.selected.size > 0);
    this.selection.querySelector("button").textContent = `${words.removeSelected} (${this.selected.size})`;
    const others = this.board.data.classes.filter(({ name }) => name !== this.data.name);
    this.move.replaceChildren(new Option(words.move, ""), ...others.map(({ name, title }) => new Option(title, name)));
    this.move.setAttribute("aria-label", words.move);
  }

  tile(key, name) {
    const { thumbnails, words } = this.board.data;
    const made = (this.made ??= new Map()), source = this.board.exchange.url(`${thumbnails}/${key}`);
    if (!made.has(source)) {
      const item = document.createElement("li"), button = document.createElement("button"), image = new Image();
      Object.assign(image, { loading: "lazy", decoding: "async", alt: "", src: source });
      Object.assign(button, { type: "button", title: name });
      button.dataset.key = key;
      button.setAttribute("aria-label", fill(words.select, { name }));
      button.append(image);
      item.append(button);
      made.set(source, item);
    }
    made.get(source).firstChild.setAttribute("aria-pressed", String(this.selected.has(key)));
    return made.get(source);
  }

  select(key) {
    if (!this.selected.delete(key)) this.selected.add(key);
    this.lay();
  }

  expand(expanded) {
    this.expanded = expanded;
    this.lay();
  }

  rename() {
    const value = this.input.value.trim();
    if (value === this.data.title) return;
    this.edit("rename", { value });
  }

  editSelected(kind, value = "") {
    if (!this.selected.size || (kind === "move_images" && !value)) return;
    this.edit(kind, { value, keys: [...this.selected] });
    this.selected.clear();
    this.lay();
  }

  edit(kind, more = {}) {
    this.board.edit({ kind, name: this.data.name, ...more });
  }

  give(files) {
    this.board.give(this.data.name, files);
  }

  toggleCamera() {
    if (this.recorder) return this.closeCamera();
    this.board.closeCameras();
    const recorded = (images) => {
      const now = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
      this.give(images.map((file, at) => ({ file, path: file.name ?? `camera ${now} ${at + 1}.jpg` })));
    };
    this.recorder = new Recorder(this.board.data.words, recorded, () => this.closeCamera());
    this.recorder.room = this.room;
    this.root.append(this.recorder.root);
    this.root.classList.add("recording");
    this.root.scrollIntoView({ block: "nearest" });
  }

  closeCamera() {
    this.recorder?.destroy();
    this.recorder = null;
    this.root.classList.remove("recording");
  }

  destroy() {
    this.closeCamera();
    this.root.remove();
  }
}
