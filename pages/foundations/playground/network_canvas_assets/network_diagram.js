// The network diagram, from left to right: features, hidden units, the output, and the edges between them.

const LABEL_WIDTH = 34; // pixels for the name of a feature, left of its thumbnail
const FEATURE_SIZE = 38;
// Sizes in pixels for mouse and touch. `words` and `beside`: the smallest spacing of hidden layers at which the number of
// units is written in words, and at which the two buttons are side by side. `heights`: the heights of a heading with
// words, with buttons side by side, and with stacked buttons.
const MOUSE = { words: 90, beside: 46, heights: [26, 42, 62] };
const TOUCH = { words: 130, beside: 68, heights: [34, 54, 88] };
const N_SEGMENTS = 14; // per edge, to detect the edge under the pointer
const MAX_DISTANCE = 6; // pixels from the pointer to an edge

// Relative width of an edge, from 0 to 1, and its reduction if there are many edges.
const strength = (weight) => Math.abs(weight) / (Math.abs(weight) + 2);
const room = (edges) => Math.sqrt(Math.min(1, 48 / edges));

class NetworkDiagram {
  constructor(root) {
    this.root = root;
    this.area = root.querySelector(".network");
    this.canvas = root.querySelector(".edges");
  }

  // Create the buttons of all units by layer, including features that the network does not use.
  build(network, features, words) {
    this.network = network;
    const made = (className, textContent = "") => {
      const button = Object.assign(document.createElement("button"), { type: "button", className });
      button.append(document.createElement("canvas"));
      if (textContent) button.append(Object.assign(document.createElement("span"), { textContent }));
      return button;
    };
    const inputs = Object.entries(features).map(([name, label]) => {
      const unit = network.features.indexOf(name), button = made("unit feature", label);
      button.setAttribute("aria-pressed", unit >= 0);
      return { button, name, layer: 0, unit, title: fill(words.feature, { name: label }) };
    });
    const hidden = network.sizes.slice(1, -1).map((count, at) => Array.from({ length: count }, (_, unit) => (
      { button: made("unit"), layer: at + 1, unit, title: fill(words.unit, { unit: unit + 1, layer: at + 1 }) }
    )));
    this.layers = [inputs, ...hidden];
    this.units = this.layers.flat();
    for (const { button, title } of this.units) {
      button.setAttribute("aria-label", title);
      button.setAttribute("aria-describedby", "tip");
    }
    this.area.querySelector(".units").replaceChildren(...this.units.map(({ button }) => button));
    this.output = { layer: network.sizes.length - 1, unit: 0, title: words.output };
    this.edges = [...hidden, [this.output]].flatMap((targets, at) => targets.flatMap((to) => (
      this.layers[at].filter(({ unit }) => unit >= 0).map((from) => {
        const parameter = network.weight(at + 1, to.unit, from.unit);
        return { from, to, parameter, room: room(targets.length * network.sizes[at]) };
      })
    )));
  }

  // Position all units, and the headings of the hidden layers.
  layOut(heads, isTouch) {
    const { clientWidth: width, clientHeight } = this.area, hidden = this.layers.length - 1;
    const { words, beside, heights } = isTouch ? TOUCH : MOUSE;
    const spacing = (width - LABEL_WIDTH - FEATURE_SIZE) / (hidden + 0.3);
    const crowd = spacing >= words ? 0 : spacing >= beside ? 1 : 2, above = hidden ? heights[crowd] : 0;
    const top = (isTouch ? 36 : 28) + above, height = Math.max(120, clientHeight - top - 2);
    this.area.querySelector(".units").style.height = `${height}px`;
    this.layers.forEach((units, layer) => {
      const pitch = Math.min(layer ? 60 : 56, height / units.length);
      const size = Math.floor(Math.min(layer ? 48 : FEATURE_SIZE, pitch - (pitch < 30 ? 3 : 8), spacing * 0.62));
      const x = layer ? LABEL_WIDTH + FEATURE_SIZE + spacing * (layer - 0.35) : LABEL_WIDTH + FEATURE_SIZE / 2;
      units.forEach((unit, at) => {
        const y = height / 2 + (at - (units.length - 1) / 2) * pitch;
        Object.assign(unit, { size });
        Object.assign(unit.button.style, {
          left: `${x - size / 2}px`, top: `${y - size / 2}px`, width: `${size}px`, height: `${size}px`,
        });
        unit.button.classList.toggle("small", size < 34);
      });
      if (layer) Object.assign(heads[layer - 1].style, { left: `${x}px`, top: `${-above}px` });
    });
    this.area.style.paddingTop = this.area.querySelector(".heads").style.top = `${top}px`;
    this.area.dataset.crowd = crowd;
  }

  // Measure where edges start and end; the last layer's edges end at the output plot.
  measure(stage) {
    const board = this.root.querySelector(".board").getBoundingClientRect();
    const placed = (element, pad) => {
      const box = element.getBoundingClientRect(), x = box.left - board.left, y = box.top - board.top + box.height / 2;
      return { enter: [x + pad, y], leave: [x + box.width, y] };
    };
    for (const unit of this.units) Object.assign(unit, placed(unit.button, 0));
    Object.assign(this.output, placed(stage, MARGIN.left));
    const last = this.edges.filter(({ to }) => to === this.output).length;
    this.edges.forEach((edge) => {
      const [x1, y1] = edge.from.leave, spread = edge.to === this.output ? (edge.from.unit - (last - 1) / 2) * 6 : 0;
      const [x2, y2] = [edge.to.enter[0], edge.to.enter[1] + spread], dx = (x2 - x1) / 2;
      edge.curve = [x1, y1, x1 + dx, y1, x2 - dx, y2, x2, y2];
      edge.path = Array.from({ length: N_SEGMENTS + 1 }, (_, piece) => alongCurve(edge.curve, piece / N_SEGMENTS));
    });
    this.width = board.width;
    this.height = board.height;
    const ratio = Math.min(devicePixelRatio, 2);
    this.canvas.width = Math.round(board.width * ratio);
    this.canvas.height = Math.round(board.height * ratio);
    Object.assign(this.canvas.style, { width: `${board.width}px`, height: `${board.height}px` });
    this.canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  // Draw edges with widths that show their weights; emphasize a chosen edge or the edges of a chosen unit.
  draw(weights, look, chosen) {
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.width, this.height);
    for (const edge of this.edges) {
      const weight = weights[edge.parameter], strong = strength(weight);
      const emphasized = !chosen || chosen === edge || chosen === edge.from || chosen === edge.to;
      context.globalAlpha = (0.3 + 0.7 * strong) * (emphasized ? mix(edge.room, 1, chosen ? 1 : 0.4) : 0.15);
      context.strokeStyle = Number.isFinite(weight) ? look.edges[Number(weight > 0)] : look.none;
      context.lineWidth = 0.7 + 6.5 * (strong || 0) * edge.room + (chosen === edge ? 1.5 : 0);
      const [x1, y1, ...rest] = edge.curve;
      context.beginPath();
      context.moveTo(x1, y1);
      context.bezierCurveTo(...rest);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  // Return the edge at a position on the board, or null.
  edgeAt(x, y) {
    let nearest = null, least = MAX_DISTANCE;
    for (const edge of this.edges) {
      for (let piece = 0; piece < N_SEGMENTS; piece++) {
        const distance = toSegment(x, y, ...edge.path[piece], ...edge.path[piece + 1]);
        if (distance < least) [nearest, least] = [edge, distance];
      }
    }
    return nearest;
  }
}

function alongCurve([x1, y1, x2, y2, x3, y3, x4, y4], t) {
  const u = 1 - t, [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
  return [a * x1 + b * x2 + c * x3 + d * x4, a * y1 + b * y2 + c * y3 + d * y4];
}

function toSegment(x, y, x1, y1, x2, y2) {
  const dx = x2 - x1, dy = y2 - y1, length = dx * dx + dy * dy;
  const share = length ? clamp(((x - x1) * dx + (y - y1) * dy) / length, 0, 1) : 0;
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}
