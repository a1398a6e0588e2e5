// ---- The contour map: bands of loss, zooming, and the gradient at the pointer

const WHOLE = [0, 1, 0, 1];

class MapView extends View {
  pieces = 0;
  part = WHOLE; // visible part of the unit square: lowest and highest x, lowest and highest y

  showSurface(surface) {
    super.showSurface(surface);
    this.part = WHOLE;
  }

  resize(ratio) {
    const changed = super.resize(ratio);
    this.inner = this.width - MARGIN.left - MARGIN.right;
    this.tall = this.height - MARGIN.top - MARGIN.bottom;
    return changed;
  }

  project(x, y) {
    const [xLow, xHigh, yLow, yHigh] = this.part;
    const across = (x - xLow) / (xHigh - xLow), up = (y - yLow) / (yHigh - yLow);
    return [MARGIN.left + across * this.inner, MARGIN.top + (1 - up) * this.tall, false];
  }

  // The point of the square under the pointer, clamped to the map.
  pointed(event) {
    const box = this.top.getBoundingClientRect(), [xLow, xHigh, yLow, yHigh] = this.part;
    const across = clamp((event.clientX - box.left - MARGIN.left) / this.inner, 0, 1);
    const up = clamp(1 - (event.clientY - box.top - MARGIN.top) / this.tall, 0, 1);
    return [mix(xLow, xHigh, across), mix(yLow, yHigh, up)];
  }

  isOnMap(event) {
    const box = this.top.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    return x >= MARGIN.left && x <= this.width - MARGIN.right && y >= MARGIN.top && y <= this.height - MARGIN.bottom;
  }

  get zoomed() {
    return this.part[1] - this.part[0] < 1;
  }

  // Zooms in by `factor` around a fixed point.
  zoom(factor, [x, y]) {
    const [xLow, xHigh, yLow, yHigh] = this.part, size = clamp((xHigh - xLow) / factor, 1 / MAX_ZOOM, 1);
    const left = x - ((x - xLow) / (xHigh - xLow)) * size, below = y - ((y - yLow) / (yHigh - yLow)) * size;
    this.showPart(left, below, size);
  }

  showPart(left, below, size) {
    const [xLow, yLow] = [clamp(left, 0, 1 - size), clamp(below, 0, 1 - size)];
    this.part = [xLow, xLow + size, yLow, yLow + size];
  }

  // Pans the map by pointer pixels.
  pan(dx, dy) {
    const [xLow, xHigh, yLow] = this.part, size = xHigh - xLow;
    this.showPart(xLow - (dx / this.inner) * size, yLow + (dy / this.tall) * size, size);
  }

  clip(context) {
    if (!this.zoomed) return;
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, this.inner, this.tall);
    context.clip();
  }

  drawBase() {
    const context = this.cleared(this.base), device = (length) => Math.round(length * this.ratio);
    if (this.groundChanges(this.part)) this.ground = this.bands(device(this.inner), device(this.tall));
    context.putImageData(this.ground, device(MARGIN.left), device(MARGIN.top));
    this.drawAxes(context);
    context.save();
    this.clip(context);
    this.drawResting(context);
    context.restore();
  }

  drawMoving(step, steps) {
    const context = this.top.getContext("2d");
    context.save();
    this.cleared(this.top);
    this.clip(context);
    super.drawMoving(step, steps);
    if (this.arrow) drawArrow(context, ...this.arrow, this.look);
    context.restore();
  }

  // The arrow of steepest descent at a point: its direction on the map, its length from the gradient norm.
  pointTo(point, reading) {
    this.arrow = null;
    if (!reading) return;
    const [xLow, xHigh, yLow, yHigh] = this.scene.bounds, [gx, gy] = reading.gradient;
    const dx = (-gx / (xHigh - xLow)) * this.inner, dy = (gy / (yHigh - yLow)) * this.tall, norm = Math.hypot(dx, dy);
    if (!norm) return;
    const length = 16 + 50 * Math.tanh(Math.hypot(gx, gy) / this.typicalSlope), [px, py] = this.project(...point);
    this.arrow = [[px, py], [px + (dx / norm) * length, py + (dy / norm) * length]];
  }

  get typicalSlope() {
    const { high, low, bounds: [xLow, xHigh] } = this.scene;
    return (2 * (high - low)) / (xHigh - xLow) || 1;
  }

  bands(width, height) {
    const heights = resampled(this.scene.heights, this.scene, width, height, this.part);
    const solid = resampled(this.scene.solid, this.scene, width, height, this.part);
    const image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer);
    const reach = Math.max(0.75 * this.ratio, 0.9); // half of a line's width
    for (let y = 0, at = 0; y < height; y++) {
      const below = y > 0 ? -width : width, row = (height - 1 - y) * width;
      for (let x = 0; x < width; x++, at++) {
        const rise = Math.hypot(heights[x > 0 ? at - 1 : at + 1] - heights[at], heights[at + below] - heights[at]);
        const opacity = clamp((solid[at] - 0.5) * 6 + 0.5, 0, 1);
        pixels[row + x] = pixel(heights[at], rise * reach, 1, opacity, this.look.colours);
      }
    }
    return image;
  }

  drawAxes(context) {
    const { words, part: [left, right, below, above] } = this;
    const [[xLow, yLow], [xHigh, yHigh]] = [fromUnit(this.scene, [left, below]), fromUnit(this.scene, [right, above])];
    const bottom = MARGIN.top + this.tall;
    context.strokeStyle = this.look.border;
    context.strokeRect(MARGIN.left - 0.5, MARGIN.top - 0.5, this.inner + 1, this.tall + 1);
    context.textAlign = "center";
    for (const x of ticks(xLow, xHigh)) {
      const at = MARGIN.left + ((x - xLow) / (xHigh - xLow)) * this.inner;
      context.fillText(signed(x), Math.min(at, this.width - 8), bottom + 16);
    }
    context.fillText(words.x, MARGIN.left + this.inner / 2, bottom + 30);
    context.textAlign = "right";
    for (const y of ticks(yLow, yHigh)) {
      const at = MARGIN.top + (1 - (y - yLow) / (yHigh - yLow)) * this.tall;
      context.fillText(signed(y), MARGIN.left - 7, Math.max(at + 4, 11));
    }
    context.textAlign = "left";
    context.fillText(words.y, 2, MARGIN.top + this.tall / 2 + 4);
  }
}

function drawArrow(context, [fromX, fromY], [toX, toY], look) {
  const angle = Math.atan2(toY - fromY, toX - fromX);
  for (const [colour, width] of [[look.halo, 6], [look.text, 2.4]]) {
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
    for (const side of [-0.5, 0.5]) {
      context.moveTo(toX, toY);
      context.lineTo(toX - 9 * Math.cos(angle + side), toY - 9 * Math.sin(angle + side));
    }
    stroked(context, colour, width);
  }
}
