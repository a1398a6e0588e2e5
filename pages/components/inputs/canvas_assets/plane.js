// The plane of the points as SVG: its axes, its lines, and the points.

const MARGIN = { left: 38, right: 10, top: 8, bottom: 34 };
const RADIUS = 6; // of a point
const GRIP = { mouse: 11, pen: 14, touch: 22 }; // pixels around a point within which the point can be grabbed

const shown = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function node(name, attributes, text = "") {
  const made = set(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
  made.textContent = text;
  return made;
}

function ticks(low, high, pixels) {
  const rough = ((high - low) * 60) / pixels, power = 10 ** Math.floor(Math.log10(rough));
  const spacing = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.ceil(low / spacing - 1e-9), last = Math.floor(high / spacing + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * spacing).toPrecision(6)));
}

class Plane {
  constructor(root) {
    this.root = root;
    this.svg = root.querySelector(".plane");
    const parts = { axes: ".axes", inside: ".inside", lines: ".lines", dots: ".points" };
    for (const [name, selector] of Object.entries(parts)) this[name] = this.svg.querySelector(selector);
  }

  show({ bounds, colours, lines, words }) {
    Object.assign(this, { bounds, colours, polylines: lines, words });
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim(); // reads as #rrggbb
    const light = [1, 3, 5].reduce((sum, at) => sum + parseInt(context.fillStyle.slice(at, at + 2), 16), 0);
    this.dark = Number(light < 384); // index of the color
    this.layOut();
  }

  layOut() {
    const width = this.svg.parentElement.clientWidth;
    if (!width || !this.bounds) return;
    const height = Math.min(parseFloat(getComputedStyle(this.root).getPropertyValue("--height")), width);
    this.width = width - MARGIN.left - MARGIN.right;
    this.height = height - MARGIN.top - MARGIN.bottom;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.style.height = `${height}px`;
    const box = { x: MARGIN.left, y: MARGIN.top, width: this.width, height: this.height };
    set(this.inside, box);
    this.drawAxes();
    this.drawLines();
    this.drawPoints();
  }

  // Converts numbers to pixels and back.
  project([x, y]) {
    const [xLow, xHigh, yLow, yHigh] = this.bounds;
    const across = ((x - xLow) / (xHigh - xLow)) * this.width, down = ((yHigh - y) / (yHigh - yLow)) * this.height;
    return [MARGIN.left + across, MARGIN.top + down];
  }

  place([left, top]) {
    const [xLow, xHigh, yLow, yHigh] = this.bounds;
    const x = xLow + ((left - MARGIN.left) / this.width) * (xHigh - xLow);
    const y = yHigh - ((top - MARGIN.top) / this.height) * (yHigh - yLow);
    return this.within([x, y]);
  }

  // The nearest position on the plane, rounded to screen resolution.
  within([x, y]) {
    const [xLow, xHigh, yLow, yHigh] = this.bounds;
    const fine = (value, low, high) => {
      const grain = 10 ** Math.floor(Math.log10((high - low) / 1000));
      return clamp(Number((Math.round(value / grain) * grain).toPrecision(6)), low, high);
    };
    return [fine(x, xLow, xHigh), fine(y, yLow, yHigh)];
  }

  holds([left, top]) {
    const x = left - MARGIN.left, y = top - MARGIN.top;
    return x >= -RADIUS && x <= this.width + RADIUS && y >= -RADIUS && y <= this.height + RADIUS;
  }

  // The index of the nearest point within reach of a pointer, or -1.
  nearest([left, top], kind) {
    let found = -1, least = GRIP[kind] ?? GRIP.mouse;
    this.points.forEach((point, at) => {
      const [x, y] = this.project(point), distance = Math.hypot(x - left, y - top);
      if (distance <= least) [found, least] = [at, distance];
    });
    return found;
  }

  drawAxes() {
    const { width, height, words, bounds: [xLow, xHigh, yLow, yHigh] } = this, drawn = [];
    const right = MARGIN.left + width, bottom = MARGIN.top + height;
    drawn.push(node("rect", { class: "ground", x: MARGIN.left, y: MARGIN.top, width, height }));
    for (const x of ticks(xLow, xHigh, width)) {
      const [at] = this.project([x, yLow]);
      drawn.push(node("line", { x1: at, x2: at, y1: MARGIN.top, y2: bottom, class: x === 0 ? "zero" : "" }));
      drawn.push(node("text", { x: at, y: bottom + 15, "text-anchor": "middle" }, shown(x)));
    }
    for (const y of ticks(yLow, yHigh, height)) {
      const [, at] = this.project([xLow, y]);
      drawn.push(node("line", { x1: MARGIN.left, x2: right, y1: at, y2: at, class: y === 0 ? "zero" : "" }));
      drawn.push(node("text", { x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" }, shown(y)));
    }
    drawn.push(node("text", { x: MARGIN.left + width / 2, y: bottom + 30, "text-anchor": "middle" }, words.x));
    drawn.push(node("text", { x: 2, y: MARGIN.top + height / 2 - 8 }, words.y));
    this.axes.replaceChildren(...drawn);
  }

  drawLines() {
    const { lines, polylines, dark } = this;
    const path = ({ points }) => points.map((point) => this.project(point)).map(([x, y]) => [x - MARGIN.left, y - MARGIN.top]);
    lines.replaceChildren(...polylines.map((polyline) => {
      const kind = [polyline.name ? "" : "faint", polyline.dashed ? "dashed" : ""].join(" ");
      return node("polyline", { points: path(polyline).join(" "), stroke: polyline.colours[dark], class: kind });
    }));
  }

  drawPoints(points = this.points, chosen = this.chosen) {
    Object.assign(this, { points, chosen });
    if (!this.width || !points) return;
    while (this.dots.children.length > points.length) this.dots.lastChild.remove();
    points.forEach((point, at) => {
      const [cx, cy] = this.project(point), kind = at === chosen ? "chosen" : "";
      const fill = this.plain ? "currentColor" : this.colours[point[2]][this.dark];
      const dot = this.dots.children[at] ?? this.dots.appendChild(node("circle", { r: RADIUS }));
      set(dot, { cx, cy, fill, class: kind });
    });
  }
}
