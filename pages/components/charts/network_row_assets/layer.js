// One layer of the row: its feature maps as buttons, or its units as one strip of cells.

const PER_COLUMN = 32; // units per column of a strip

// The value of a byte, see LayerOutput.packed in Python.
const unpacked = (byte, { largest, signed }) => ((signed ? byte - 128 : byte) / (signed ? 127 : 255)) * largest;

class Layer {
  constructor(layout, words, choose) {
    Object.assign(this, { layout, words, choose });
    this.caption = make("figcaption", "", make("b", ""), make("small", ""), make("small", ""));
    this.body = make("div", layout.size.length ? "maps" : "units");
    this.root = make("figure", "layer", this.caption, this.body);
    this.root.setAttribute("role", "listitem");
    this.root.dataset.layer = layout.name;
    this.tiles = new Map();
    if (!this.isSpatial) this.buildUnits();
    this.body.addEventListener("keydown", (event) => this.onKey(event));
  }

  get isSpatial() {
    return this.layout.size.length > 0;
  }

  get isInput() {
    return this.layout.input;
  }

  // The displayed feature maps, created when needed.
  tile(index) {
    if (!this.tiles.has(index)) this.tiles.set(index, this.makeTile(index));
    return this.tiles.get(index);
  }

  makeTile(index) {
    const { name, size: [rows, columns] } = this.layout;
    const canvas = Object.assign(make("canvas", ""), { width: columns, height: rows });
    const tile = make(this.isInput ? "span" : "button", "tile", canvas);
    if (this.isInput) {
      tile.setAttribute("role", "img");
      tile.setAttribute("aria-label", fill(this.words.input, { rows, columns }));
      return tile;
    }
    Object.assign(tile, { type: "button", tabIndex: -1 });
    tile.dataset.index = index;
    tile.title = fill(this.words.map, { layer: name, number: index + 1 });
    tile.setAttribute("aria-label", tile.title);
    tile.addEventListener("click", () => this.choose(name, index));
    return tile;
  }

  buildUnits() {
    const { name, count } = this.layout;
    this.canvas = make("canvas", "");
    this.strip = Object.assign(make("button", "strip", this.canvas), { type: "button" });
    this.strip.setAttribute("aria-label", fill(this.words.units_alt, { layer: name, count: count.toLocaleString() }));
    this.strip.addEventListener("click", (event) => this.choose(name, this.unitAt(event) ?? this.order[0]));
    this.strip.addEventListener("pointermove", (event) => {
      const unit = this.unitAt(event), value = this.values?.[this.order.indexOf(unit)];
      const words = { layer: name, number: unit + 1, value: number(value) };
      this.strip.title = value === undefined ? "" : fill(this.words.unit, words);
    });
    this.body.append(this.strip);
  }

  // The unit at a pointer, in column-major order; undefined if there is no unit, or for a key press.
  unitAt({ detail, type, offsetX, offsetY }) {
    if (type === "click" && detail === 0) return undefined;
    const { width, height, clientWidth, clientHeight } = this.canvas;
    const at = (share, most) => clamp(Math.floor(share * most), 0, most - 1);
    return this.sorted[at(offsetX / clientWidth, width) * height + at(offsetY / clientHeight, height)];
  }

  // The feature maps or units that may be shown, most important first.
  take(order) {
    this.order = order;
    if (this.isSpatial) return;
    const rows = Math.min(PER_COLUMN, order.length);
    this.sorted = [...order].sort((a, b) => a - b);
    Object.assign(this.canvas, { width: Math.ceil(order.length / rows), height: rows });
    this.strip.style.setProperty("--across", this.canvas.width);
  }

  // Shows as many of the most important feature maps as fit, in the order of their indices.
  fit(room) {
    const { count, size } = this.layout, { order, words } = this;
    const shown = this.isSpatial ? order.slice(0, room).sort((a, b) => a - b) : order;
    if (this.isSpatial && String(shown) !== this.fitted) {
      this.fitted = String(shown);
      const focused = this.root.getRootNode().activeElement;
      this.body.replaceChildren(...shown.map((index) => this.tile(index)));
      this.letTabReach(this.body.contains(focused) ? focused : this.body.querySelector("button"));
      if (this.body.contains(focused)) focused.focus({ preventScroll: true });
    }
    const [name, howMany, shape] = this.caption.children;
    name.textContent = this.isInput ? words.image : this.layout.name;
    const amounts = { shown: shown.length, count: count.toLocaleString() };
    howMany.textContent = this.isInput ? "" : fill(shown.length < count ? words.some : words.all, amounts);
    shape.textContent = this.isSpatial ? fill(words.size, { rows: size[0], columns: size[1] }) : words.units;
    this.root.title = this.layout.kind;
  }

  show(packed) {
    const bytes = Uint8Array.from(atob(packed.values), (letter) => letter.charCodeAt(0));
    this.values = Array.from(bytes, (byte) => unpacked(byte, packed));
    const { size } = this.layout, { order } = this;
    if (this.isSpatial) {
      const each = size[0] * size[1];
      order.forEach((index, at) => {
        const values = this.values.slice(at * each, (at + 1) * each);
        paint(this.tile(index).firstChild, values, size, packed);
      });
      return;
    }
    const { width, height } = this.canvas, byIndex = new Map(order.map((index, at) => [index, this.values[at]]));
    const image = new ImageData(width, height);
    this.sorted.forEach((unit, at) => {
      const place = (at % height) * width + Math.floor(at / height);
      image.data.set([...colour(byIndex.get(unit), packed), 255], place * 4);
    });
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // Tab moves to the next layer; the arrow keys move to the next feature map.
  onKey(event) {
    const turn = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const tiles = [...this.body.querySelectorAll(".tile")], next = tiles[tiles.indexOf(event.target) + turn];
    if (!next) return;
    event.preventDefault();
    this.letTabReach(next);
    next.focus();
  }

  letTabReach(tile) {
    for (const other of this.tiles.values()) other.tabIndex = -1;
    if (tile) tile.tabIndex = 0;
  }

  mark(opened) {
    const [layer, index] = opened ?? [];
    for (const [at, tile] of this.tiles) tile.classList.toggle("opened", layer === this.layout.name && at === index);
    this.strip?.classList.toggle("opened", layer === this.layout.name);
  }

  button(index) {
    const tile = this.tiles.get(index);
    return tile?.isConnected ? tile : this.body.querySelector("button");
  }
}
