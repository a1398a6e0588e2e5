// Controls in the main view: dataset, layers, and units. Python answers each change by sending the view again.

class Controls {
  constructor(root, onChange) {
    this.root = root;
    const parts = ["choices", "fresh", "layers", "heads"];
    [this.sets, this.fresh, this.layers, this.heads] = parts.map((part) => root.querySelector(`.${part}`));
    this.onChange = onChange;
    this.fresh.addEventListener("click", () => onChange({ data_seed: Math.floor(Math.random() * 10000) }));
    this.sets.addEventListener("change", ({ target }) => onChange({ data: target.value }));
  }

  build({ words, network: { hidden }, most, sets, chosen }) {
    const { onChange } = this;
    const layersText = (count) => words.layer_counts[count], unitsText = (count) => words.unit_counts[count];
    this.layers.replaceChildren(counter(hidden.length, [0, most.layers], layersText,
      [words.layer_less, words.layer_more], (layers) => onChange({ layers })));
    this.heads.replaceChildren(...hidden.map((count, at) => {
      const titles = [words.unit_less, words.unit_more].map((title) => fill(title, { layer: at + 1 }));
      return counter(count, [1, most.units], unitsText, titles, (units) => onChange({ [`units_${at + 1}`]: units }));
    }));
    this.sets.replaceChildren(...sets.map((set) => choice(set, set.name === chosen)));
    this.root.dataset.sets = sets.length;
    this.fresh.hidden = chosen === "own";
  }

  enable(editable) {
    for (const button of this.root.querySelectorAll(".counter button")) {
      button.disabled = !editable || button.dataset.may === "false";
    }
    for (const input of [...this.sets.querySelectorAll("input"), this.fresh]) input.disabled = !editable;
  }

  recolour(look, { shades }) {
    for (const canvas of this.sets.querySelectorAll("canvas")) drawThumbnail(canvas, look, shades);
  }
}

// A count between a minus button and a plus button. It changes at once: a quick second click must not wait for Python.
function counter(count, [least, most], textOf, titles, onCount) {
  const element = Object.assign(document.createElement("div"), { className: "counter" });
  const words = document.createElement("span");
  const [less, more] = [-1, 1].map((by, at) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "−+"[at] });
    button.title = titles[at];
    button.setAttribute("aria-label", titles[at]);
    button.addEventListener("click", () => onCount(show(Number(words.dataset.count) + by)));
    return button;
  });
  const show = (number) => {
    words.textContent = textOf(number);
    words.dataset.count = number; // the only text if there is no room for words
    [less.dataset.may, more.dataset.may] = [number > least, number < most];
    [less.disabled, more.disabled] = [number <= least, number >= most];
    return number;
  };
  show(count);
  element.append(less, words, more);
  return element;
}

function choice({ name, label, points, classes }, checked) {
  const element = document.createElement("label"), canvas = document.createElement("canvas");
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: "set", value: name, checked });
  const bytes = Uint8Array.from(atob(points), (letter) => letter.charCodeAt(0));
  Object.assign(canvas, { width: CHOICE_SIZE, height: CHOICE_SIZE, points: new Int8Array(bytes.buffer), classes });
  element.append(radio, canvas, Object.assign(document.createElement("span"), { textContent: label }));
  return element;
}

const CHOICE_SIZE = 96;

// Draw points of three bytes each: x and y (127 is the edge of the plane), and the class or value.
function drawThumbnail(canvas, look, shades) {
  const context = canvas.getContext("2d"), { points, classes } = canvas, half = CHOICE_SIZE / 2;
  context.clearRect(0, 0, CHOICE_SIZE, CHOICE_SIZE);
  if (!points.length) {
    Object.assign(context, { font: "52px sans-serif", textAlign: "center", fillStyle: look.none });
    context.fillText("✎", half, half + 18);
  }
  for (let at = 0; at < points.length; at += 3) {
    const [x, y, value] = points.subarray(at, at + 3);
    context.beginPath();
    context.arc(half * (1 + x / 133), half * (1 - y / 133), 3.4, 0, 2 * Math.PI);
    context.fillStyle = classes ? look.points[Number(value > 0)] : css(shades[Math.round((value / 127 + 1) * SHADES)]);
    context.fill();
  }
}
