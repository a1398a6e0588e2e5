// A network as a row. While the playhead of its run is at an earlier update, it shows the frame there. Frames of a run in
// training are stored as they arrive, as long as the image stays the same.

const MAX_FRAMES = 24; // maximum number of stored frames of a run in training
const SMALLEST = 40, LARGEST = 64, GAP = 4; // sides of a feature map and gap in pixels
const CAPTION = 54; // height of the caption above the feature maps of a layer
const NARROW = 420; // width in pixels below which one layer is shown at a time
const COMPACT = 560; // width in pixels below which the classes are below the layers, and the input is as small as a feature map

class NetworkRow {
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(`.${name}`);
    this.parts = Object.fromEntries(
      ["layers", "prediction", "input-note", "classes", "network", "result"].map((name) => [name, part(name)]),
    );
    this.classes = new Classes(this.parts.classes, (layer, index) => this.choose(layer, index));
    this.layers = [];
    this.kept = new Map();
    this.events = new AbortController();
    const on = (target, kind, act) => target.addEventListener(kind, act, { signal: this.events.signal });
    on(playhead, "move", () => this.data && this.update());
    on(document, "keydown", (event) => this.onKey(event));
    on(this.parts.layers, "scroll", () => this.tellWhetherMore());
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(root);
  }

  destroy() {
    this.events.abort();
    this.sizes.disconnect();
  }

  show(data) {
    if (!followTheme(this.root) && data.id === this.data?.id) return;
    const before = this.data;
    this.data = data;
    this.root.classList.toggle("refused", !data.newest);
    if (!before || data.run !== before.run || data.image !== before.image || shapeOf(data.layout) !== shapeOf(before.layout)) {
      this.kept.clear();
      this.asked = false;
    }
    if (data.newest) this.keep(data.newest, data.layout);
    this.parts.layers.setAttribute("aria-label", data.words.layers);
    this.update();
    if (data.opened && !before?.opened) this.enter();
    if (before?.opened && !data.opened) this.leave(before.opened);
  }

  keep(frame, layout) {
    this.kept.delete(frame.step);
    this.kept.set(frame.step, { ...frame, layout });
    if (this.kept.size > MAX_FRAMES) [...this.kept.keys()].forEach((step, at) => at % 2 && this.kept.delete(step));
  }

  // The last frame at or before the playhead, or the newest frame if there is none.
  frame() {
    const { run, newest, earlier, layout } = this.data, step = playhead.run === run ? playhead.step : null;
    if (step === null || !newest) return { ...newest, layout };
    if (earlier === null && !this.asked) {
      this.asked = true;
      this.component.setTriggerValue("earlier", true);
    }
    const frames = [...(earlier ?? []).map((frame) => ({ ...frame, layout })), ...this.kept.values()];
    const near = frames.filter((frame) => frame.step <= step).sort((a, b) => b.step - a.step)[0];
    return near ?? { ...newest, layout };
  }

  update() {
    const { words, newest, note, refused, opened } = this.data, { prediction, network } = this.parts;
    this.parts["input-note"].textContent = refused || note;
    this.parts["input-note"].title = refused || note;
    if (!newest) {
      prediction.textContent = network.textContent = "";
      return;
    }
    const frame = this.frame();
    this.build(frame.layout);
    frame.layers.forEach((packed, at) => this.layers[at].show(packed));
    this.classes.show(frame.probabilities, words);
    const highest = Math.max(...frame.probabilities), best = frame.probabilities.indexOf(highest);
    prediction.replaceChildren(words.prediction, " ", make("b", "", String(best)), " ", percent(highest));
    network.textContent = fill(words.by, { title: frame.title });
    network.title = network.textContent;
    for (const layer of this.layers) layer.mark(opened);
  }

  build(layout) {
    const shape = shapeOf(layout), orders = JSON.stringify(layout.map(({ order }) => order));
    if (shape === this.shape && orders === this.orders) return;
    if (shape !== this.shape) {
      const { words } = this.data, choose = (...chosen) => this.choose(...chosen);
      this.layers = layout.map((one, at) => new Layer({ ...one, input: at === 0 }, words, choose));
      this.parts.layers.replaceChildren(...this.layers.map(({ root }) => root));
    }
    Object.assign(this, { shape, orders });
    layout.forEach(({ order }, at) => this.layers[at].take(order));
    this.layOut();
  }

  // Two columns of feature maps if they are large enough, otherwise one. On a narrow screen, a layer has the full width.
  layOut() {
    const { layers, root } = this, isNarrow = root.clientWidth < NARROW, isCompact = !isNarrow && root.clientWidth < COMPACT;
    root.classList.toggle("narrow", isNarrow);
    root.classList.toggle("compact", isCompact);
    const box = this.parts.layers.getBoundingClientRect();
    if (!layers.length || !box.width) return;
    const height = this.parts.layers.clientHeight - (isNarrow ? 28 : CAPTION);
    const spatial = layers.filter((layer) => layer.isSpatial && (isCompact || !layer.isInput)).length;
    const others = layers.filter((layer) => !layer.isSpatial).length;
    const left = box.width - others * 48 - (isCompact ? 0 : 84) - (layers.length - 1) * (isCompact ? 6 : 10);
    let columns = 2, side = SMALLEST;
    if (isNarrow) {
      columns = 5;
      side = Math.min(LARGEST, (box.width - 24) / columns - GAP);
    } else {
      const sideFor = (count) => left / (spatial * count) - GAP;
      columns = spatial && sideFor(2) >= SMALLEST ? 2 : 1;
      side = clamp(Math.min(sideFor(columns), height / 8 - GAP), SMALLEST, LARGEST);
    }
    const rows = Math.max(1, Math.floor((height + GAP) / (side + GAP)));
    root.style.setProperty("--side", `${Math.floor(side)}px`);
    root.style.setProperty("--columns", columns);
    root.style.setProperty("--body", `${height}px`);
    for (const layer of layers) layer.fit(columns * rows);
    this.tellWhetherMore();
  }

  // Shows at the right edge that more layers follow.
  tellWhetherMore() {
    const { scrollLeft, clientWidth, scrollWidth } = this.parts.layers;
    this.root.dataset.more = scrollLeft + clientWidth < scrollWidth - 8;
  }

  choose(layer, index) {
    this.component.setTriggerValue("chosen", { layer, index });
  }

  // ---- The panel over the row: keyboard focus

  onKey(event) {
    if (event.key !== "Escape" || !this.data?.opened) return;
    event.preventDefault();
    this.component.setTriggerValue("closed", true);
  }

  enter() {
    this.within = requestAnimationFrame(() => {
      const close = document.querySelector(".st-key-detail-close button");
      if (close) close.focus({ preventScroll: true });
      else if (this.data?.opened) this.enter();
    });
  }

  leave([name, index]) {
    cancelAnimationFrame(this.within);
    const layer = this.layers.find(({ layout }) => layout.name === name);
    (layer?.button(index) ?? this.classes.rows[index])?.focus({ preventScroll: true });
  }
}

const shapeOf = (layout) => JSON.stringify(layout.map(({ name, count, size }) => [name, count, size]));

export default mount(".network-row", NetworkRow);
