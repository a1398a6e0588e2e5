// A plane of points with images. The user drags a marker, and the images at its position are drawn beside the plane.

const STEP = 0.02; // movement by an arrow key, as a fraction of the plane's side
const positions = (window.playgroundPlanePositions ??= new Map()); // of the markers of hidden planes
const SHAPES = { circle: null, square: 4, triangle: 3, diamond: 4, "triangle-down": 3 };

class ImagePlane {
  constructor(root) {
    this.root = root;
    const names = ["plane", "map", "legend", "place", "note", "from-grid", "nearest", "restored"];
    this.parts = Object.fromEntries(names.map((name) => [name, root.querySelector(`.${name}`)]));
    this.events = new AbortController();
    for (const name of ["plane", "map"]) this.listen(this.parts[name], name);
    this.sizes = new ResizeObserver(() => this.layOut());
    this.sizes.observe(root);
  }

  show(data) {
    if (data.id !== this.data?.id) {
      this.points = floats(data.points);
      this.sheets = Object.fromEntries(Object.entries(data.sheets).map(([name, url]) => [name, this.load(url)]));
      this.grid = null;
    }
    this.data = data;
    this.root.dataset.decodes = data.grid.decodes;
    for (const [name, text] of Object.entries(data.captions)) this.parts[name].nextElementSibling.textContent = text;
    this.parts.plane.setAttribute("aria-label", data.alt);
    this.parts.map.setAttribute("aria-label", data.map_alt);
    this.root.querySelector(".map-title").textContent = data.map_title;
    this.root.querySelectorAll(".axis").forEach((axis, at) => (axis.textContent = data.axes[at] ?? ""));
    this.parts.legend.replaceChildren(...data.classes.map((name, at) => this.entry(name, at)));
    this.layOut();
  }

  entry(name, at) {
    const item = document.createElement("li"), icon = document.createElement("canvas");
    Object.assign(icon, { width: 24, height: 24 });
    const context = icon.getContext("2d");
    this.mark(context, this.data.colours[at], this.data.shapes[at], 12, 12, 9);
    item.append(icon, name);
    return item;
  }

  load(url) {
    const image = new Image();
    image.addEventListener("load", () => this.layOut());
    image.src = new URL(url, document.baseURI);
    return image;
  }

  // ---- The plane: points are drawn once, and the marker moves over them

  layOut() {
    if (!this.data) return;
    for (const name of ["plane", "map"]) {
      const canvas = this.parts[name].querySelector("canvas");
      const side = Math.round(canvas.clientWidth * devicePixelRatio);
      if (side && canvas.width !== side) canvas.width = canvas.height = side;
    }
    this.drawPoints(this.parts.plane.querySelector("canvas"));
    this.drawMap(this.parts.map.querySelector("canvas"));
    this.draw();
  }

  drawPoints(canvas) {
    const { labels, classes, colours, shapes } = this.data, side = canvas.width, context = canvas.getContext("2d");
    context.clearRect(0, 0, side, side);
    const all = classes.map(() => []);
    context.globalAlpha = 0.8;
    labels.forEach((label, at) => {
      const [x, y] = [this.points[2 * at], this.points[2 * at + 1]];
      all[label].push([x, y]);
      this.mark(context, colours[label], shapes[label], x * side, (1 - y) * side, 4 * devicePixelRatio);
    });
    context.globalAlpha = 1;
    const { color, backgroundColor } = getComputedStyle(this.root);
    Object.assign(context, { font: `bold ${15 * devicePixelRatio}px ${getComputedStyle(this.root).fontFamily}` });
    Object.assign(context, { textAlign: "center", textBaseline: "middle", lineWidth: 4 * devicePixelRatio, lineJoin: "round" });
    Object.assign(context, { strokeStyle: backgroundColor, fillStyle: color });
    all.forEach((places, label) => {
      if (!places.length) return;
      const [x, y] = [0, 1].map((axis) => places.map((place) => place[axis]).sort((a, b) => a - b)[places.length >> 1]);
      for (const way of ["strokeText", "fillText"]) context[way](classes[label], x * side, (1 - y) * side);
    });
  }

  mark(context, colour, shape, x, y, radius) {
    const corners = SHAPES[shape], turn = { square: 0.25, "triangle-down": 0.5 }[shape] ?? 0;
    context.beginPath();
    if (!corners) context.arc(x, y, radius, 0, 2 * Math.PI);
    for (let at = 0; at < (corners ?? 0); at++) {
      const angle = 2 * Math.PI * (at / corners + turn / (shape === "square" ? 2 : 1));
      context.lineTo(x + 1.2 * radius * Math.sin(angle), y - 1.2 * radius * Math.cos(angle));
    }
    context.closePath();
    context.fillStyle = colour;
    context.fill();
  }

  drawMap(canvas) {
    const { grid } = this.data, sheet = this.sheets.grid, n = this.tiles(), side = canvas.width / n;
    if (!sheet.complete || !sheet.naturalWidth) return;
    const size = sheet.naturalWidth / grid.side, context = canvas.getContext("2d");
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        const from = [column, row].map((at) => at * grid.every * size);
        context.drawImage(sheet, ...from, size, size, column * side, row * side, side - 1, side - 1);
      }
    }
  }

  tiles() {
    return Math.ceil(this.data.grid.side / this.data.grid.every);
  }

  // Converts positions on the plane to positions on the image grid and back.
  toMap(at) {
    const { side, every } = this.data.grid;
    return ((at * side - 0.5) / every + 0.5) / this.tiles();
  }

  fromMap(at) {
    const { side, every } = this.data.grid;
    return ((at * this.tiles() - 0.5) * every + 0.5) / side;
  }

  // ---- User input

  listen(element, name) {
    const on = (kind, react) => element.addEventListener(kind, react, { signal: this.events.signal });
    const follow = (event) => {
      const { left, top, width, height } = element.querySelector("canvas").getBoundingClientRect();
      const place = [(event.clientX - left) / width, (event.clientY - top) / height];
      const [x, y] = name === "map" ? place.map((at) => this.fromMap(at)) : place;
      this.move(x, 1 - y);
    };
    on("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      follow(event);
    });
    on("pointermove", (event) => element.hasPointerCapture(event.pointerId) && follow(event));
    on("keydown", (event) => {
      const step = STEP * (event.shiftKey ? 5 : 1);
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const [x, y] = this.position();
      this.move(x + way[0] * step, y + way[1] * step);
    });
  }

  position() {
    return positions.get(this.data.id) ?? this.data.start;
  }

  // Keeps the marker where the grid has images on all sides.
  move(x, y) {
    const edge = this.data.grid.decodes ? 0.5 / this.data.grid.side : 0;
    positions.set(this.data.id, [x, y].map((at) => clamp(at, edge, 1 - edge)));
    this.draw();
  }

  // ---- The images at the marker

  draw() {
    const { data, parts } = this, [x, y] = this.position(), near = this.nearest(x, y);
    const place = [x, y].map((at, axis) => mix(data.low[axis], data.high[axis], at));
    const values = { x: short(place[0]), y: short(place[1]), class: data.classes[data.labels[near]] };
    const text = fill(data.grid.decodes ? data.words.place : data.words.point, values);
    parts.place.textContent = text;
    for (const [name, left, top] of [["plane", x, 1 - y], ["map", this.toMap(x), this.toMap(1 - y)]]) {
      Object.assign(parts[name].querySelector("i").style, { left: `${100 * left}%`, top: `${100 * top}%` });
      parts[name].setAttribute("aria-valuetext", text);
      parts[name].setAttribute("aria-valuenow", Math.round(100 * x));
    }
    if (data.grid.decodes) this.drawDecoded(parts["from-grid"], x, 1 - y);
    for (const name of ["nearest", "restored"]) this.drawImage(parts[name], this.sheets[name], near);
    parts.nearest.nextElementSibling.textContent = fill(data.captions.nearest, values);
    const { side, marked } = data.grid, cell = (at) => Math.min(Math.floor(at * side), side - 1);
    parts.note.textContent = marked?.[cell(1 - y) * side + cell(x)] === "1" ? data.words.marked : data.words.note;
    this.root.dataset.position = `${x.toFixed(4)} ${y.toFixed(4)}`;
  }

  nearest(x, y) {
    const [width, height] = [0, 1].map((axis) => this.data.high[axis] - this.data.low[axis]);
    let best = 0, least = Infinity;
    for (let at = 0; at < this.points.length / 2; at++) {
      const far = (width * (this.points[2 * at] - x)) ** 2 + (height * (this.points[2 * at + 1] - y)) ** 2;
      if (far < least) [best, least] = [at, far];
    }
    return best;
  }

  drawImage(canvas, sheet, index) {
    if (!sheet.complete || !sheet.naturalWidth) return;
    const { columns, size } = this.data, left = (index % columns) * size, top = Math.floor(index / columns) * size;
    canvas.getContext("2d").drawImage(sheet, left, top, size, size, 0, 0, size, size);
  }

  // Interpolates the four grid images around a position.
  drawDecoded(canvas, x, y) {
    const { side } = this.data.grid, { size } = this.data, pixels = (this.grid ??= greys(this.sheets.grid));
    if (!pixels) return;
    const [[column, right], [row, below]] = [x, y].map((at) => {
      const place = clamp(at * side - 0.5, 0, side - 1), whole = Math.min(Math.floor(place), side - 2);
      return [whole, place - whole];
    });
    const image = new ImageData(size, size), width = side * size;
    for (let at = 0; at < size * size; at++) {
      const first = (row * size + Math.floor(at / size)) * width + column * size + (at % size), next = first + size * width;
      const upper = mix(pixels[first], pixels[first + size], right);
      const grey = mix(upper, mix(pixels[next], pixels[next + size], right), below);
      image.data.set([grey, grey, grey, 255], 4 * at);
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  destroy() {
    this.sizes.disconnect();
    this.events.abort();
  }
}

const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
const short = (value) => String(Number(value.toPrecision(3)));

// The gray values of an image, or null until it has loaded.
function greys(image) {
  if (!image.complete || !image.naturalWidth) return null;
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight), context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, at) => at % 4 === 0);
}

export default mount(".image-plane", ImagePlane);
