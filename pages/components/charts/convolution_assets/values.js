// Values as colors, numbers, and images.

const UNKNOWN = [150, 150, 150];
let colours = VALUE_COLOURS.light; // of the theme

const sum = (values) => values.reduce((total, value) => total + value, 0);

function floats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer);
}

// A common scale for compared values: the largest has the full color, and all have the same number of decimals.
function scaleOf(values, { digits = 2, signed = false } = {}) {
  const finite = Array.from(values).filter(Number.isFinite);
  const largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const power = Math.floor(Math.log10(largest)), decimals = Math.max(digits - power - (power < 0 ? 1 : 0), 0);
  return { largest, signed: signed || finite.some((value) => value < 0), decimals, exponent: Math.abs(power) > 4 };
}

// Returns whether the colors have changed.
function followTheme(element) {
  const before = colours;
  colours = VALUE_COLOURS[themeOf(element)];
  return colours !== before;
}

// In the color of text if nothing is negative, otherwise as in pages.components.charts.images.diverging.
function colour(value, { largest, signed }) {
  const { zero, positive, negative, ink } = colours;
  if (!Number.isFinite(value)) return UNKNOWN;
  const share = clamp(Math.abs(value) / largest, 0, 1), full = signed ? (value > 0 ? positive : negative) : ink;
  return full.map((part, at) => Math.round(mix(zero[at], part, signed ? share ** 0.7 : share)));
}

function written(value, { decimals, exponent }, notFinite) {
  if (!Number.isFinite(value)) return notFinite;
  const text = exponent && value ? value.toExponential(1) : value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text.replaceAll("-", "−");
}


function dye(element, value, scale) {
  const [red, green, blue] = colour(value, scale);
  element.style.background = `rgb(${red} ${green} ${blue})`;
  element.style.color = 0.3 * red + 0.59 * green + 0.11 * blue > 135 ? "#101820" : "#ffffff";
}

function paint(canvas, values, [rows, columns], scale) {
  Object.assign(canvas, { width: columns, height: rows });
  const image = new ImageData(columns, rows);
  values.forEach((value, at) => image.data.set([...colour(value, scale), 255], at * 4));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function make(tag, className, ...children) {
  const element = Object.assign(document.createElement(tag), { className });
  element.append(...children);
  return element;
}
