// The losses of a run at each update, with a marker at the displayed update.

const FRAME = { left: 38, right: 8, top: 6, bottom: 18 };

class LossChart {
  constructor(figure) {
    this.canvas = figure.querySelector("canvas");
    this.legend = figure.querySelector(".legend");
    this.only = null; // name of the only line that is shown, or null
    this.pointer = null; // x of the pointer in pixels, or null
  }

  // `losses`: {steps, train, test, validation}; `previous`: {steps, test} or null; `marks`: [step, text] pairs.
  build({ losses, previous, marks, total, words }) {
    Object.assign(this, { losses, previous, marks, total: Math.max(total, 1), words });
    const all = ["train", "test", "validation"].flatMap((name) => losses[name] ?? []);
    const first = losses.test[0] ?? losses.train[0] ?? 1;
    const top = Math.max(...[...all, ...(previous?.test ?? [])].filter(Number.isFinite), first / 4) * 1.02;
    this.top = niceAbove(Math.min(top, 4 * first || 1));
  }

  resize() {
    const box = this.canvas.parentElement.getBoundingClientRect(), ratio = Math.min(devicePixelRatio, 2);
    this.width = Math.max(60, box.width);
    this.height = Math.max(40, box.height);
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    Object.assign(this.canvas.style, { width: `${this.width}px`, height: `${this.height}px` });
    this.ratio = ratio;
  }

  x(step) {
    return FRAME.left + (step / this.total) * (this.width - FRAME.left - FRAME.right);
  }

  y(loss) {
    return FRAME.top + (1 - Math.min(loss / this.top, 1)) * (this.height - FRAME.top - FRAME.bottom);
  }

  draw(step, look) {
    if (!this.losses || !this.width) return;
    const context = this.canvas.getContext("2d"), { losses, previous, words } = this, colours = look.losses;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = `12px ${look.font}`;
    this.drawAxes(context, look);
    for (const [at, text] of this.marks) this.drawMark(context, at, text, look);
    if (previous && !this.only) {
      this.trace(context, previous.steps, previous.test, { colour: colours.previous, dash: [5, 4] });
      this.label(context, previous, words.previous_run, colours.previous);
    }
    for (const name of ["validation", "train", "test"]) {
      const values = losses[name];
      if (!values?.length || (this.only && this.only !== name)) continue;
      this.trace(context, losses.steps, values, { colour: colours[name], alpha: 0.28 });
      const point = this.trace(context, losses.steps, values, { colour: colours[name], until: step });
      if (point) this.dot(context, point, colours[name]);
    }
    if (this.pointer !== null) this.drawReading(context, look);
  }

  // Draw a line up to an update; return its end point.
  trace(context, steps, values, { colour, alpha = 1, dash = [], until = Infinity }) {
    Object.assign(context, { strokeStyle: colour, lineWidth: 2, globalAlpha: alpha, lineJoin: "round" });
    context.setLineDash(dash);
    context.beginPath();
    let end = null;
    for (let at = 0; at < steps.length; at++) {
      if (values[at] === null || values[at] === undefined) continue;
      let [step, value] = [steps[at], values[at]];
      if (step > until) {
        const low = steps[at - 1], from = values[at - 1];
        if (!end || !Number.isFinite(from)) break;
        value = mix(from, value, (until - low) / (step - low));
        step = until;
      }
      end = [this.x(step), this.y(value)];
      context.lineTo(...end);
      if (step >= until) break;
    }
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    return end;
  }

  dot(context, [x, y], colour) {
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
  }

  drawAxes(context, look) {
    const { width, height } = this, left = FRAME.left, bottom = height - FRAME.bottom;
    Object.assign(context, { strokeStyle: look.border, fillStyle: look.quiet, lineWidth: 1 });
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const share of [0, 0.5, 1]) {
      const y = this.y(share * this.top);
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(width - FRAME.right, y);
      context.stroke();
      context.fillText(String(Number((share * this.top).toPrecision(2))), left - 5, y + (share === 0 ? -3 : share === 1 ? 3 : 0));
    }
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillText("0", left, height - 4);
    context.textAlign = "right";
    context.fillText(this.total.toLocaleString("en"), width - FRAME.right, height - 4);
    if (width > 180) {
      context.textAlign = "center";
      context.fillText(this.words.updates, (left + width) / 2, height - 4);
    }
  }

  drawMark(context, step, text, look) {
    const x = this.x(step), onLeft = x > this.width / 2;
    Object.assign(context, { strokeStyle: look.quiet, fillStyle: look.quiet, textAlign: onLeft ? "right" : "left" });
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(x, FRAME.top);
    context.lineTo(x, this.height - FRAME.bottom);
    context.stroke();
    context.setLineDash([]);
    if (this.width > 180) context.fillText(text, x + (onLeft ? -4 : 4), FRAME.top + 10);
  }

  // Label a line near its middle, above or below it.
  label(context, { steps, test }, text, colour) {
    const at = Math.floor(test.length * 0.6);
    if (!Number.isFinite(test[at])) return;
    const x = Math.min(this.x(steps[at]), this.width - FRAME.right - 4), y = this.y(test[at]);
    Object.assign(context, { fillStyle: colour, textAlign: x > this.width / 2 ? "right" : "left" });
    context.fillText(text, x, y > 30 ? y - 6 : y + 14);
  }

  // Draw the losses at the pointer.
  drawReading(context, look) {
    const { losses, words, width } = this;
    const step = clamp((this.pointer - FRAME.left) / (width - FRAME.left - FRAME.right), 0, 1) * this.total;
    const away = losses.steps.map((at) => Math.abs(at - step)), at = away.indexOf(Math.min(...away));
    if (at < 0) return;
    const x = this.x(losses.steps[at]);
    context.strokeStyle = look.quiet;
    context.beginPath();
    context.moveTo(x, FRAME.top);
    context.lineTo(x, this.height - FRAME.bottom);
    context.stroke();
    const value = (name) => number(losses[name][at] ?? NaN, "–");
    const lines = [
      fill(words.at_update, { step: losses.steps[at].toLocaleString("en") }),
      `${words.test} ${value("test")}`, `${words.train} ${value("train")}`,
    ];
    const room = Math.max(...lines.map((line) => context.measureText(line).width)) + 12;
    const left = clamp(x + (x > width / 2 ? -room - 6 : 6), 0, width - room);
    Object.assign(context, { fillStyle: look.ground, globalAlpha: 0.9 });
    context.fillRect(left, FRAME.top, room, 50);
    Object.assign(context, { fillStyle: look.ink, globalAlpha: 1, textAlign: "left" });
    lines.forEach((line, row) => context.fillText(line, left + 6, FRAME.top + 13 + 15 * row));
  }
}

// Round up to 1, 2, 4, 6, or 8 times a power of ten, so that the axis rarely changes.
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= value) * power;
}
