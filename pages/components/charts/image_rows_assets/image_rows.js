// Rows of images that follow the sliders of a group and the playhead of a run.

const MAX_KEPT = 24; // maximum number of stored updates of a run in training
const GAP = 3; // minimum number of pixels between two images
const SHRINK = 0.85; // images may shrink to this fraction of the height if one more then fits into the row

class ImageRows {
  images = new Map(); // sheet images by address
  kept = new Map(); // scenes of a run by update

  constructor(root) {
    this.root = root;
    this.headline = root.querySelector(".headline");
    this.events = new AbortController();
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.events.signal });
    on(store, "value", ({ detail }) => detail.group === this.data?.group && this.draw());
    on(playhead, "move", () => this.draw());
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(root);
  }

  show(data) {
    if (data.run !== this.data?.run) this.kept.clear();
    this.data = data;
    this.build();
    adopt(data); // also draws
    data.frames?.places.forEach((step, at) => this.kept.set(step, { ...data.frames, at }));
    if (this.kept.size > MAX_KEPT) [...this.kept.keys()].forEach((step, at) => at % 2 && this.kept.delete(step));
    this.load();
    this.draw();
  }

  build() {
    const { rows, about, help } = this.data;
    const [line, words] = this.root.querySelectorAll(".about p");
    line.textContent = about;
    write(words, help);
    this.root.querySelector("summary").setAttribute("aria-label", about);
    if (this.rows?.length === rows) return;
    this.rows = Array.from({ length: rows }, () => {
      const title = document.createElement("p"), canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      return { title, canvas };
    });
    this.root.querySelector(".images").replaceChildren(...this.rows.flatMap(({ title, canvas }) => [title, canvas]));
  }

  // Fetches the sheets and removes unused ones.
  load() {
    const scenes = [...this.data.grids, ...this.kept.values()];
    const needed = new Set(scenes.flatMap(({ sheets }) => sheets.map((sheet) => sheet?.url)));
    for (const url of this.images.keys()) if (!needed.has(url)) this.images.delete(url);
    for (const url of needed) {
      if (!url || this.images.has(url)) continue;
      const image = new Image();
      image.addEventListener("load", () => this.draw());
      image.src = new URL(url, document.baseURI);
      this.images.set(url, image);
    }
  }

  // The scene at the playhead, the scene of the sliders, or the newest scene of a run in training; `at` is its position.
  scene() {
    const { run, live, grids, values, group } = this.data;
    const steps = [...this.kept.keys()].sort((a, b) => a - b);
    if (playhead.run === run && playhead.step !== null && steps.length) {
      return this.kept.get(steps.findLast((step) => step <= playhead.step) ?? steps[0]);
    }
    const isMoved = ({ slider }) => valueOf(group, slider) !== values[slider];
    const grid = grids.find(isMoved) ?? (live ? null : grids[0]);
    if (!grid) return this.kept.get(steps.at(-1));
    return { ...grid, at: nearest(grid.places, valueOf(group, grid.slider)) };
  }

  draw() {
    const scene = this.data && this.scene();
    if (!scene) return;
    const { at, sheets, headlines, titles } = scene;
    write(this.headline, headlines[at]);
    this.rows.forEach(({ title, canvas }, row) => {
      const sheet = sheets[row], image = sheet && this.images.get(sheet.url), name = titles[at][row];
      write(title, name);
      canvas.setAttribute("aria-label", fill(this.data.alt, { title: name.replaceAll("**", "") }));
      canvas.dataset.waits = !sheet || (sheet.only ?? at) !== at; // its images belong to another position
      if (image?.complete && image.naturalWidth) this.paint(canvas, image, sheet.lines > 1 ? at : 0, sheet.lines);
    });
    this.root.dataset.place = scene.places[at];
  }

  // Draws as many images of a line as fit in the row.
  paint(canvas, image, line, lines) {
    const { count } = this.data, scale = devicePixelRatio, side = image.naturalHeight / lines;
    const width = Math.round(canvas.clientWidth * scale), height = Math.round(canvas.clientHeight * scale);
    if (!width || !height) return;
    const gap = Math.round(GAP * scale), fits = (width + gap) / (height + gap);
    const more = Math.ceil(fits), size = (width + gap) / more - gap;
    const n = Math.min(size >= SHRINK * height ? more : Math.floor(fits), count);
    const tile = Math.floor(Math.min(height, (width + gap) / n - gap));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, width, height);
    for (let at = 0; at < n; at++) {
      context.drawImage(image, at * side, line * side, side, side, at * (tile + gap), 0, tile, tile);
    }
  }

  destroy() {
    this.sizes.disconnect();
    this.events.abort();
  }
}

// Sets a text in which parts between ** are bold.
function write(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  element.replaceChildren(...text.split("**").map((part, at) => {
    const node = document.createElement(at % 2 ? "b" : "span");
    node.textContent = part;
    return node;
  }));
}

export default mount(".rows", ImageRows);
