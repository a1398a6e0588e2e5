// ---- The loss at each step, with a line at the displayed step

const CURVE_MARGIN = { left: 46, right: 10, top: 22, bottom: 34 };
const LEAST = 1e-12; // smaller losses are drawn at this value

class CurveView extends View {
  // `lowest` is the loss at the minimum, if known. Then the axis is logarithmic.
  showTracks(tracks) {
    const { lowest } = this.scene;
    this.log = lowest !== null;
    this.lines = tracks.map((track) => ({
      track,
      y: track.loss.slice(0, track.on_map).map((loss) => {
        if (loss === null) return NaN;
        return this.log ? Math.log10(Math.max(loss - lowest, LEAST)) : loss;
      }),
    }));
    const values = this.lines.flatMap(({ y }) => y).filter(isFinite);
    const [low, high] = [Math.min(...values, Infinity), Math.max(...values, -Infinity)];
    const room = (high - low || 1) * 0.05;
    this.range = low <= high ? [low - room, high + room] : [0, 1];
    this.steps = Math.max(1, ...tracks.map(({ steps }) => steps));
  }

  get inner() {
    return this.width - CURVE_MARGIN.left - CURVE_MARGIN.right;
  }

  get tall() {
    return this.height - CURVE_MARGIN.top - CURVE_MARGIN.bottom;
  }

  place(step, y) {
    const [low, high] = this.range;
    return [
      CURVE_MARGIN.left + (step / this.steps) * this.inner,
      CURVE_MARGIN.top + (1 - (y - low) / (high - low)) * this.tall,
    ];
  }

  // The step under the pointer.
  pointed(event) {
    const share = (event.clientX - this.top.getBoundingClientRect().left - CURVE_MARGIN.left) / this.inner;
    return Math.round(clamp(share, 0, 1) * this.steps);
  }

  drawBase() {
    const context = this.cleared(this.base), { look, words, range: [low, high] } = this;
    const right = CURVE_MARGIN.left + this.inner, bottom = CURVE_MARGIN.top + this.tall;
    context.textAlign = "left";
    context.fillText(this.log ? words.excess : words.loss_axis, 4, 13);
    context.strokeStyle = look.border;
    context.lineWidth = 1;
    context.textAlign = "right";
    for (const y of this.log ? powers(low, high, this.tall / 26) : ticks(low, high)) {
      const [, at] = this.place(0, y);
      if (at < CURVE_MARGIN.top - 1 || at > bottom + 1) continue;
      context.beginPath();
      context.moveTo(CURVE_MARGIN.left, Math.round(at) + 0.5);
      context.lineTo(right, Math.round(at) + 0.5);
      context.stroke();
      context.fillText(this.log ? power(y) : signed(y), CURVE_MARGIN.left - 6, at + 4);
    }
    context.textAlign = "center";
    for (const step of ticks(0, this.steps).filter(Number.isInteger)) {
      context.fillText(step.toLocaleString("en"), Math.min(this.place(step, 0)[0], this.width - 14), bottom + 16);
    }
    context.fillText(words.steps, CURVE_MARGIN.left + this.inner / 2, bottom + 30);
    for (const line of this.lines) this.drawLine(context, line, Infinity, 0.45, 1.3);
  }

  drawMoving(step) {
    const context = this.cleared(this.top), { look } = this;
    const [at] = this.place(Math.min(step, this.steps), 0);
    context.strokeStyle = look.quiet;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(at, CURVE_MARGIN.top);
    context.lineTo(at, CURVE_MARGIN.top + this.tall);
    context.stroke();
    for (const line of this.lines) this.drawLine(context, line, step, 1, 2.4);
  }

  drawLine(context, { track, y }, step, opacity, width) {
    const last = Math.min(Math.floor(step), y.length - 1), colour = track.colours[this.look.dark];
    context.beginPath();
    let lifted = true;
    for (let k = 0; k <= last; k++) {
      if (!isFinite(y[k])) lifted = true;
      else {
        context[lifted ? "moveTo" : "lineTo"](...this.place(k, y[k]));
        lifted = false;
      }
    }
    const share = step - last;
    if (!lifted && share > 0 && share < 1 && isFinite(y[last + 1])) {
      context.lineTo(...this.place(step, mix(y[last], y[last + 1], share)));
    }
    context.globalAlpha = opacity;
    context.setLineDash(track.dashed ? [7, 7] : []);
    stroked(context, colour, width);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }
}

// Whole powers of ten between two exponents, at most `most` of them.
function powers(low, high, most) {
  const spacing = Math.max(1, Math.ceil((high - low) / Math.max(2, most)));
  const first = Math.ceil(low / spacing) * spacing;
  return Array.from({ length: Math.max(0, Math.floor((high - first) / spacing) + 1) }, (_, at) => first + at * spacing);
}

const power = (exponent) => (Math.abs(exponent) <= 2 ? String(Number((10 ** exponent).toPrecision(1))) : `1e${exponent}`);
