// ---- What both views do. A view projects points of the square: to x and y on the canvas, and whether it is hidden.

class View {
  outlines = [];

  constructor(figure) {
    this.stage = figure.querySelector(".stage");
    [this.base, this.top] = figure.querySelectorAll("canvas");
  }

  show(scene) {
    this.scene = scene;
    this.paths = scene.tracks.map((track) => ({ ...clipped(track, this.pieces), track }));
  }

  resize(width, height, ratio) {
    Object.assign(this, { width, height, ratio });
    this.stage.style.height = `${height}px`;
    for (const canvas of [this.base, this.top]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
  }

  cleared(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.lineJoin = context.lineCap = "round";
    context.font = `12px ${this.look.font}`;
    context.fillStyle = this.look.quiet;
    return context;
  }

  // What rests, on the ground that a view has drawn: the whole paths, the minima and the common start.
  drawResting(context) {
    const { look, paths, outlines, scene } = this;
    for (const path of [...paths, ...outlines]) {
      const points = path.t.map((_, k) => this.project(path.x[k], path.y[k]));
      [path.px, path.py, path.hidden] = [0, 1, 2].map((part) => points.map((point) => point[part]));
      trace(context, path);
      context.globalAlpha = path.track ? 0.4 : 1;
      stroked(context, path.track ? path.track.colours[look.dark] : look.rim, path.track ? 1.3 : 1);
    }
    context.globalAlpha = 1;
    scene.minima.forEach((minimum) => this.mark(context, drawStar, minimum));
    scene.tracks.slice(0, 1).forEach(({ x, y }) => this.mark(context, drawStart, [x[0], y[0]]));
  }

  mark(context, draw, [x, y]) {
    if (!inside(x, y)) return;
    const [px, py, hidden] = this.project(x, y);
    if (!hidden) draw(context, [px, py], this.look);
  }

  drawMoving(step, steps) {
    const context = this.cleared(this.top), { look, paths } = this;
    for (const path of paths) {
      const colour = path.track.colours[look.dark];
      trace(context, path, step);
      context.globalAlpha = 0.85;
      stroked(context, look.halo, 5);
      context.globalAlpha = 1;
      stroked(context, colour, 2.4);
      if (steps <= FEW_STEPS) this.drawSteps(context, path, step, colour);
    }
    for (const path of paths) this.drawHead(context, path, step, path.track.colours[look.dark]);
    if (this.picked) this.mark(context, drawStart, this.picked);
  }

  drawSteps(context, path, step, colour) {
    for (let k = 0; k < reached(path, step); k++) {
      if (!Number.isInteger(path.t[k]) || path.hidden[k]) continue;
      circle(context, [path.px[k], path.py[k]], 2.8);
      filled(context, colour);
    }
  }

  drawHead(context, path, step, colour) {
    const here = position(path, step), last = path.t.length - 1;
    if (path.track.end && step >= path.track.steps) {
      if (last >= 0 && !path.hidden[last]) drawCross(context, [path.px[last], path.py[last]], colour, this.look.halo);
    } else if (here) {
      circle(context, here, 5.5);
      filled(context, colour, this.look.halo);
    }
  }
}

class MapView extends View {
  pieces = 0;

  resize(width, ratio) {
    this.inner = width - MARGIN.left - MARGIN.right;
    this.tall = Math.round(this.inner * this.scene.aspect);
    super.resize(width, this.tall + MARGIN.top + MARGIN.bottom, ratio);
  }

  project(x, y) {
    return [MARGIN.left + x * this.inner, MARGIN.top + (1 - y) * this.tall, false];
  }

  // The point of the square under the pointer, or null beside the map.
  pointed(event) {
    const box = this.top.getBoundingClientRect();
    const x = (event.clientX - box.left - MARGIN.left) / this.inner;
    const y = 1 - (event.clientY - box.top - MARGIN.top) / this.tall;
    return inside(x, y) ? [x, y] : null;
  }

  named([x, y]) {
    const [xLow, xHigh, yLow, yHigh] = this.scene.bounds;
    return [mix(xLow, xHigh, x), mix(yLow, yHigh, y)];
  }

  drawBase() {
    const context = this.cleared(this.base), device = (length) => Math.round(length * this.ratio);
    context.putImageData(this.bands(device(this.inner), device(this.tall)), device(MARGIN.left), device(MARGIN.top));
    this.drawAxes(context);
    this.drawResting(context);
  }

  bands(width, height) {
    const heights = resampled(this.scene.heights, this.scene, width, height);
    const solid = resampled(this.scene.solid, this.scene, width, height);
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
    const { bounds: [xLow, xHigh, yLow, yHigh], words } = this.scene;
    const [left, bottom] = this.project(0, 0), [middleX, middleY] = this.project(0.5, 0.5);
    context.strokeStyle = this.look.border;
    context.strokeRect(left - 0.5, MARGIN.top - 0.5, this.inner + 1, this.tall + 1);
    context.textAlign = "center";
    for (const x of ticks(xLow, xHigh)) {
      const [at] = this.project((x - xLow) / (xHigh - xLow), 0);
      context.fillText(signed(x), Math.min(at, this.width - 8), bottom + 16);
    }
    context.fillText(words.x, middleX, bottom + 30);
    context.textAlign = "right";
    for (const y of ticks(yLow, yHigh)) {
      const [, at] = this.project(0, (y - yLow) / (yHigh - yLow));
      context.fillText(signed(y), left - 7, Math.max(at + 4, 11));
    }
    context.textAlign = "left";
    context.fillText(words.y, 2, middleY + 4);
  }
}
